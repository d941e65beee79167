package actions

// All returns every action, sorted by name.
func All() []Action {
	return []Action{
		acceptFriend,
		delay,
		invite,
		kick,
		logLine,
		reply,
		replyFile,
		replyImage,
		replyLink,
		replyVideo,
		set,
		tag,
	}
}
