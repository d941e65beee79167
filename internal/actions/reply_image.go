package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type replyImageParams struct {
	URL Text `yaml:"url" zh:"图片的网址" en:"the picture's web address" required:"true"`
}

var replyImage = define(spec[replyImageParams]{
	Name:    "reply_image",
	Summary: diag.T("在事件发生的会话里发一张图片。", "Sends a picture to the chat the event happened in."),
	Note:    urlNote,
	Example: `reply_image: https://example.com/poster.png`,
	Main:    "url",
	Sends:   Platform{Type: command.MessageImage, Lane: command.LaneChat, Class: command.Verifiable, Section: "§3.5"},
	Needs:   []Need{Chat},
	Check:   func(p *replyImageParams) []fault { return checkURL("url", p.URL) },
	Plan: func(env Env, p *replyImageParams) (Effect, error) {
		address, err := renderURL(env, "url", p.URL)
		if err != nil {
			return Effect{}, err
		}
		return say(env, message{ContentType: contentImage, Pic: address})
	},
})

var urlNote = diag.T("网址的域名要写明或来自 `vars`，不能来自消息，否则别人可以让机器人发任意网站的内容。",
	"The address's host is written out or comes from `vars`, never from a message: otherwise anybody could make the robot send any site's content.")
