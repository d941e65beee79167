package event

// Kinds returns all kinds of event.
func Kinds() []Kind {
	return []Kind{
		MessageText, MessageImage, MessageFile, MessageVideo, MessageVoice, MessageLink, MessageSticker, MessageMiniProgram,
		MessagePhone, MessageOther, FriendRequest, MemberJoin, ChatUpdated, RobotOnline, RobotOffline, RobotBanned,
		Result, Timer, Schedule, ScheduleChat, Start, RuleFired, Emitted,
	}
}
