package actions

// All returns every action, sorted by name.
func All() []Action {
	return []Action{
		acceptFriend,
		addFriend,
		announce,
		broadcast,
		call,
		rawCommand,
		copyGroupSettings,
		count,
		createGroup,
		delay,
		emit,
		forward,
		invite,
		kick,
		changeList,
		logLine,
		lookup,
		markRead,
		pause,
		remark,
		renameGroup,
		reply,
		replyFile,
		replyImage,
		replyLink,
		replyVideo,
		robotProfile,
		send,
		set,
		setAdmins,
		syncContacts,
		tag,
	}
}
