package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type replyVideoParams struct {
	URL Text `yaml:"url" zh:"视频的网址（mp4）" en:"the video's web address (an mp4)" required:"true"`
}

var replyVideo = define(spec[replyVideoParams]{
	Name:    "reply_video",
	Summary: diag.T("在事件发生的会话里发一段视频。", "Sends a video to the chat the event happened in."),
	Note:    urlNote,
	Example: `reply_video: https://example.com/videos/guide.mp4`,
	Main:    "url",
	Sends:   Platform{Type: command.MessageVideo, Lane: command.LaneChat, Class: command.Verifiable, Section: "§3.24"},
	Needs:   []Need{Chat},
	Check:   func(p *replyVideoParams) []fault { return checkURL("url", p.URL) },
	Plan: func(env Env, p *replyVideoParams) (Effect, error) {
		address, err := renderURL(env, "url", p.URL)
		if err != nil {
			return Effect{}, err
		}
		return say(env, message{ContentType: contentVideo, FileName: address})
	},
})
