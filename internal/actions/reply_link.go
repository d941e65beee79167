package actions

import (
	"errors"
	"strings"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type replyLinkParams struct {
	Title       Text `yaml:"title" zh:"卡片的标题" en:"the card's title" required:"true"`
	URL         Text `yaml:"url" zh:"点开卡片去的网址" en:"the web address the card opens" required:"true"`
	Description Text `yaml:"description" zh:"标题下面的说明" en:"what stands below the title"`
	Cover       Text `yaml:"cover" zh:"封面图片的网址，不能带 ? 及其后的查询串；平台下载不到封面，整条消息会发送失败" en:"the cover picture's web address, without a query string; the message fails when the platform can't download it"`
}

var replyLink = define(spec[replyLinkParams]{
	Name:    "reply_link",
	Summary: diag.T("在事件发生的会话里发一张链接卡片。", "Sends a link card to the chat the event happened in."),
	Note:    urlNote,
	Example: `reply_link: {title: 新人必读, url: "https://example.com/guide", description: 三分钟看完, cover: "https://example.com/guide.png"}`,
	Sends:   Platform{Type: command.MessageLink, Lane: command.LaneChat, Class: command.Verifiable, Section: "§3.6"},
	Needs:   []Need{Chat},
	Check:   checkLink,
	Plan: func(env Env, p *replyLinkParams) (Effect, error) {
		card, err := p.render(env)
		if err != nil {
			return Effect{}, err
		}
		return say(env, card)
	},
})

func (replyLinkParams) label() string { return "link" }

func (p replyLinkParams) check() []fault { return checkLink(&p) }

func checkLink(p *replyLinkParams) []fault {
	faults := append(checkText("title", p.Title), checkURL("url", p.URL)...)
	faults = append(faults, checkURL("cover", p.Cover)...)
	if literal, ok := p.Cover.Literal(); ok && strings.Contains(literal, "?") {
		faults = append(faults, queryInCover())
	}
	return faults
}

// queryInCover is the fault of a cover that the platform would not download (§3.6).
func queryInCover() fault {
	return fault{Param: "cover",
		Message: diag.T("封面的网址不能带查询串", "the cover's address must not have a query string"),
		Hint:    diag.T("去掉 ? 和后面的内容", "take out the ? and what follows")}
}

func (p *replyLinkParams) render(env Env) (message, error) {
	m := message{ContentType: contentLink}
	var errs [4]error
	m.Title, errs[0] = renderText(env, "title", p.Title)
	m.Link, errs[1] = renderURL(env, "url", p.URL)
	m.Description, errs[2] = p.Description.Render(env)
	m.CoverImgFile, errs[3] = renderURL(env, "cover", p.Cover)
	if strings.Contains(m.CoverImgFile, "?") {
		errs[3] = errors.New("cover: the address has a query string, which the platform does not take")
	}
	return m, errors.Join(errs[:]...)
}
