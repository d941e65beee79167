package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type replyFileParams struct {
	URL Text `yaml:"url" zh:"文件的网址" en:"the file's web address" required:"true"`
}

var replyFile = define(spec[replyFileParams]{
	Name:    "reply_file",
	Summary: diag.T("在事件发生的会话里发一个文件。", "Sends a file to the chat the event happened in."),
	Note:    urlNote,
	Example: `reply_file: https://example.com/files/price.pdf`,
	Main:    "url",
	Sends:   Platform{Type: command.MessageFile, Lane: command.LaneChat, Class: command.Verifiable, Section: "§3.10"},
	Needs:   []Need{Chat},
	Check:   func(p *replyFileParams) []fault { return checkURL("url", p.URL) },
	Plan: func(env Env, p *replyFileParams) (Effect, error) {
		address, err := renderURL(env, "url", p.URL)
		if err != nil {
			return Effect{}, err
		}
		return say(env, message{ContentType: contentFile, FileName: address})
	},
})
