package actions

import (
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
)

func TestWhatCheckingAStepFinds(t *testing.T) {
	text, friend, join := event.MessageText, event.FriendRequest, event.MemberJoin
	tests := map[string]struct {
		step  string
		kinds []event.Kind
		want  string
	}{
		"a mistyped parameter": {"reply: {txt: 您好, text: 好}", []event.Kind{text},
			"1:9 error[BE302] `reply` 没有参数 `txt` | 是不是想写 `text`?"},
		"a missing parameter": {"reply: {at: sender}", []event.Kind{text},
			"1:8 error[BE303] `reply` 缺少 `text` | 加上 `text`：要说的话，最长 4000 字"},
		"an action that needs parameters and has none": {"reply_link:", []event.Kind{text},
			"1:12 error[BE303] `reply_link` 缺少 `title` | 加上 `title`：卡片的标题\n1:12 error[BE303] `reply_link` 缺少 `url` | 加上 `url`：点开卡片去的网址"},
		"a text that became a comment": {"reply: {text: }", []event.Kind{text},
			"1:9 error[BE125] `text` 是空的 | 写上内容，或去掉这个参数；`#` 开头的文字要加引号"},
		"a text that YAML takes for a number": {"reply: 00123", []event.Kind{text},
			"1:8 warning[BE109] YAML 会把 `00123` 读成数字 83；这里按原样使用 | 加上引号：\"00123\""},
		"a fact that YAML takes for a number": {"set: {user.code: 1.10}", []event.Kind{text},
			"1:18 warning[BE109] YAML 会把 `1.10` 读成数字 1.1；这里按原样使用 | 加上引号：\"1.10\""},
		"an id is written as it is read":     {"tag: {add: [14073751575621261, 18446744073709551615]}", []event.Kind{text}, ""},
		"a version is written as it is read": {"reply: 1.5", []event.Kind{text}, ""},
		"an empty text": {`reply: "　"`, []event.Kind{text},
			"1:8 error[BE304] `text` 是空的 | 写上要说的话"},
		"a text longer than a message": {"reply: " + strings.Repeat("长", 4001), []event.Kind{text},
			"1:8 error[BE304] `text` 超过 4000 字 | 分成几个步骤"},
		"a list where a text belongs": {"reply: [您好]", []event.Kind{text},
			"1:8 error[BE104] 这里要写一段文字 | 如果文字里有 `{` 或 `[`，请加引号"},
		"a parameter twice": {"kick: {user: 1, user: 2}", []event.Kind{text},
			"1:17 error[BE108] `user` 写了两次"},
		"a value for an action without a short form": {"accept_friend: 好", []event.Kind{friend},
			"1:16 error[BE104] `accept_friend` 的参数要写成一组键和值 | 这个动作没有参数，写成 `accept_friend: {}`"},
		"a parameter for an action that has none": {"accept_friend: {user: 1}", []event.Kind{friend},
			"1:17 error[BE302] `accept_friend` 没有参数 `user` | 这个动作没有参数"},
		"a mention of everybody": {"reply: {text: 好, at: all}", []event.Kind{text},
			"1:22 error[BE107] `at` 不认识 `all` | 写 `sender`（发送者）、`members`（新成员）或成员 id；平台没有 @所有人"},
		"a sender where nobody spoke": {"reply: {text: 好, at: sender}", []event.Kind{join},
			"1:8 error[BE305] `reply` 需要消息的发送者，`member.join` 给不了 | 用 `on` 和 `scope` 把规则限定在满足条件的事件上"},
		"a sender for some triggers only": {"reply: {text: 好, at: sender}", []event.Kind{text, join},
			"1:8 warning[BE305] `reply` 需要消息的发送者，`member.join` 给不了 | 用 `on` 和 `scope` 把规则限定在满足条件的事件上"},
		"a kick for a friend request": {"kick: {user: 1}", []event.Kind{friend},
			"1:7 error[BE305] `kick` 需要群聊，`friend.request` 给不了 | 用 `on` 和 `scope` 把规则限定在满足条件的事件上"},
		"an accepted friend for a message": {"accept_friend: {}", []event.Kind{text},
			"1:16 error[BE305] `accept_friend` 需要好友申请，`message.text` 给不了 | 用 `on` 和 `scope` 把规则限定在满足条件的事件上"},
		"facts about a person where there is none": {"set: {user.level: 1, member.level: 2}", []event.Kind{join},
			"1:7 error[BE211] 触发条件 member.join 没有 `user`\n1:22 error[BE211] 触发条件 member.join 没有 `member`"},
		"a cover with a query string": {"reply_link: {title: 看, url: \"https://example.com\", cover: \"https://example.com/a.png?v=1\"}", []event.Kind{text},
			"1:59 error[BE304] 封面的网址不能带查询串 | 去掉 ? 和后面的内容"},
		"an address without a scheme": {"reply_image: example.com/a.png", []event.Kind{text},
			"1:14 error[BE304] `url` 不是网址 | 写完整的网址，以 https:// 开头"},
		"an address that a customer chooses": {`reply_image: "{{text}}"`, []event.Kind{text},
			"1:14 error[BE304] `url` 的域名不能来自消息 | 把 https://域名/ 写在最前面（也可以来自 vars，结尾要有 /）"},
		"a host that a customer completes": {`reply_image: "https://example.com{{text}}"`, []event.Kind{text},
			"1:14 error[BE304] `url` 的域名不能来自消息 | 把 https://域名/ 写在最前面（也可以来自 vars，结尾要有 /）"},
		"a host of vars that a customer completes": {`reply_image: "{{vars.host}}{{text}}"`, []event.Kind{text},
			"1:14 error[BE304] `url` 的域名不能来自消息 | 把 https://域名/ 写在最前面（也可以来自 vars，结尾要有 /）"},
		"a host that stands behind a user name": {`reply_image: "https://example.com@{{text}}"`, []event.Kind{text},
			"1:14 error[BE304] `url` 的域名不能来自消息 | 把 https://域名/ 写在最前面（也可以来自 vars，结尾要有 /）"},
		"a host that vars close": {`reply_image: "{{vars.site}}{{text}}"`, []event.Kind{text}, ""},
		"a mention of whom a text names": {`reply: {text: 好的, at: "{{text}}"}`, []event.Kind{text},
			"1:23 error[BE304] @ 谁不能来自别人写的话 | 写 `sender`、`members`、成员 id，或 `{{sender.id}}`、`{{vars.名称}}` 这样的值"},
		"a mention that a text only chooses": {`reply: {text: 好的, at: "{{text contains \"退\" ? sender.id : vars.owners[hit.word]}}"}`, []event.Kind{text}, ""},
		"a mention in a raw message": {`command: {type: message.text, fields: {content: 好的, atUserList: "{{trim(hit.groups.id)}}"}}`, []event.Kind{text},
			"1:39 error[BE304] `atUserList` 不能来自别人写的话 | 写成员 id，或 `{{sender.id}}`"},
		"a mention in a list of a raw message": {`command: {type: message.text, fields: {content: 好的, atUserList: ["{{text}}"]}}`, []event.Kind{text},
			"1:39 error[BE304] `atUserList` 不能来自别人写的话 | 写成员 id，或 `{{sender.id}}`"},
		"a recipient in a raw command": {`command: {type: robot.message.forward, fields: {msgSvrID: 1, friends: ["{{text}}"]}}`, []event.Kind{text},
			"1:48 error[BE304] `friends` 不能来自别人写的话 | 写明 id，或用 `{{chat.peer}}`、`{{sender.id}}` 这样的值"},
		"a group in a raw command": {`command: {type: robot.set.group.announcement, fields: {groupId: "R:{{hit.word}}", notice: 好}}`, []event.Kind{text},
			"1:55 error[BE304] `groupId` 不能来自别人写的话 | 写明 id，或用 `{{chat.peer}}`、`{{sender.id}}` 这样的值"},
		"the group of the event in a raw command": {`command: {type: robot.set.group.announcement, fields: {groupId: "{{chat.peer}}", notice: "{{text}}"}}`, []event.Kind{text}, ""},
		"a cover in a raw message that a text completes": {`command: {type: message.link, fields: {title: 看, link: "https://example.com/", coverImgFile: "https://example.com/{{text}}"}}`, []event.Kind{text},
			"1:39 error[BE304] 封面的网址不能带查询串 | 去掉 ? 和后面的内容"},
		"a group that a text chooses": {`invite: "{{text}}"`, []event.Kind{text},
			"1:9 error[BE304] 进哪个群不能来自别人写的话 | 写明群 id，或用 `{{vars.名称}}`、`vars.名称[hit.word]` 这样的值"},
		"an @所有人 that mentions nobody": {"reply: 喂 @所有人", []event.Kind{text},
			"1:8 warning[BE304] 这里的 @所有人 会改成全角的 ＠所有人，谁也不会被提醒 | 去掉它；确实要原样发出，就加上 `allow_mention_all: true`"},
		"an @所有人 that is meant": {"reply: {text: 喂 @所有人, allow_mention_all: true}", []event.Kind{text}, ""},
		"a tag step without tags": {"tag: {user: 1}", []event.Kind{text},
			"1:6 error[BE304] `tag` 没有写要打或去掉的标签 | 写 `add` 或 `remove`"},
		"an empty list of tags": {"tag: {add: []}", []event.Kind{text},
			"1:12 error[BE125] 列表是空的"},
		"a hole in a list": {"tag: {add: [~]}", []event.Kind{text},
			"1:13 error[BE125] 这里是空的 | 写上内容；`#` 开头的文字要加引号"},
		"a group that is none": {"invite: 产品体验群", []event.Kind{text},
			"1:9 error[BE304] `产品体验群` 不是群 id | 群 id 以 R: 开头，例如 R:10696052725010172"},
		"a duration in Chinese": {"delay: 30秒", []event.Kind{text},
			"1:8 error[BE120] `30秒` 不是时长 | 写成 `30s`"},
		"a range that ends before it begins": {"delay: 90s..20s", []event.Kind{text},
			"1:8 error[BE120] `90s..20s` 不是时长 | 范围写成 `20s..90s`，小的在前"},
		"no delay at all": {"delay: 0s", []event.Kind{text},
			"1:8 error[BE304] 等待时间要在 0 到 30 天之间 | 写成 `30s`、`10m`、`20s..90s` 这样"},
		"a delay of months": {"delay: 31d", []event.Kind{text},
			"1:8 error[BE304] 等待时间要在 0 到 30 天之间 | 写成 `30s`、`10m`、`20s..90s` 这样"},
		"a bad time to live": {"set: {user.a: 1, ttl: forever}", []event.Kind{text},
			"1:23 error[BE120] `forever` 不是时长 | 数字加单位，例如 `30s`、`10m`、`2h`、`7d`"},
		"a mistyped scope": {"set: {usr.level: 2}", []event.Kind{text},
			"1:7 error[BE201] `usr` 下面不能存东西 | 是不是想写 `user`?"},
		"a fact without a scope": {"set: {level: 2}", []event.Kind{text},
			"1:7 error[BE302] `set` 没有参数 `level` | 写成「范围.名称」，例如 `user.level`（人）、`chat.level`（会话）、`global.level`"},
		"a name that an expression could not say": {"set: {user.2级: 2}", []event.Kind{text},
			"1:7 error[BE204] 要写成「范围.名称」，名称由文字、数字和 _ 组成 | 例如 `user.level`"},
		"a fact that nearly is what the event says": {"set: {chat.nmae: 群}", []event.Kind{text},
			"1:12 error[BE202] `chat` 没有属性 `nmae` | 是不是想写 `name`?"},
		"a fact that hides what the event says": {"set: {chat.name: 群}", []event.Kind{text},
			"1:12 error[BE208] `chat.name` 是事件自带的属性，不能改"},
		"a fact that is a list": {"set: {user.a: [1]}", []event.Kind{text},
			"1:15 error[BE104] 这里要写一段文字 | 如果文字里有 `{` 或 `[`，请加引号"},
		"nothing to set": {"set: {}", []event.Kind{text},
			"1:6 error[BE304] `set` 没有写要记住的值 | 写成 `set: {user.level: 2}`"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bound, findings := bindStep(t, tt.step, tt.kinds...)
			if got := describe(findings); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if (bound == nil) != findings.HasErrors() {
				t.Errorf("bound %v with findings %s", bound, describe(findings))
			}
		})
	}
}

func TestAGroupActionInAPrivateScopeIsAFinding(t *testing.T) {
	_, findings := bindWith(t, "kick:", []event.Kind{event.MessageText}, (*Binder).PrivateOnly)
	if got := describe(findings); !strings.Contains(got, "error[BE305] `kick` 需要群聊") {
		t.Errorf("got %q", got)
	}
}

func TestAMistakeInATemplateIsPlacedInTheText(t *testing.T) {
	_, findings := bindStep(t, `reply: 您好 {{sendr.name}}`, event.MessageText)
	if len(findings) != 1 || findings[0].Code[:3] != "BE2" || findings[0].Range.Start != (diag.Position{Line: 1, Column: 13}) {
		t.Fatalf("got %s", describe(findings))
	}
	if findings[0].File != "rules/a.yaml" {
		t.Errorf("file %s", findings[0].File)
	}
}

func TestDurationsAsRulesWriteThem(t *testing.T) {
	good := map[string]time.Duration{
		"30s": 30 * time.Second, "1h30m": 90 * time.Minute, "7d": 7 * day, "7d12h": 7*day + 12*time.Hour,
		"1.5d": 36 * time.Hour, "250ms": 250 * time.Millisecond, "0s": 0, " 10m ": 10 * time.Minute, "0": 0,
	}
	for s, want := range good {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "d", "5", "30秒", "-5s", "+5s", "-1d", "1d-2h", "5d5d", "1h1d", "10ns", "5µs", "99999999d", "106751d24h", "30s ..", "NaNd", "1e3s"} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}

// FuzzBind holds that no step makes binding panic, and that what binds without an
// error never has findings that forbid loading.
func FuzzBind(f *testing.F) {
	for _, a := range All() {
		f.Add(a.Name(), strings.TrimPrefix(a.Example(), a.Name()+": "))
	}
	f.Add("set", "{user.a: {b: c}, ttl: 1d, chat.x.y: 2}")
	f.Add("tag", "&a [*a]")
	f.Add("reply", "{text: 'x', at: [[sender], {a: b}]}")
	f.Fuzz(func(t *testing.T, name, params string) {
		a, ok := ByName(name)
		var doc yaml.Node
		if !ok || yaml.Unmarshal([]byte(params), &doc) != nil || len(doc.Content) == 0 {
			return
		}
		b := NewBinder("rules/a.yaml", &expression.Options{}, nil)
		if bound := a.Bind(doc.Content[0], allKinds, b); (bound == nil) != b.Findings().HasErrors() {
			t.Errorf("bound %v, findings %s", bound, describe(b.Findings()))
		}
	})
}
