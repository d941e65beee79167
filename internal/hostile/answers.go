package hostile

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/yjiyun/rest"
)

// answers are what the platform says to questions.
func answers() []Case {
	envelope := func(list string) string { return `{"code":"0","msg":"OK","data":[` + list + `]}` }
	var all []Case
	for _, c := range []bomb{
		{"nothing", func() string { return "" }, ""},
		{"null", func() string { return "null" }, ""},
		{"a list", func() string { return "[]" }, ""},
		{"a number", func() string { return "1e400" }, ""},
		{"a page", func() string { return strings.Repeat("<html>", 100_000) }, ""},
		{"100,000 levels", func() string {
			return `{"code":"0","data":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}"
		}, ""},
		{"4,000,000 levels", func() string { return `{"code":"0","data":` + strings.Repeat("[", 4_000_000) }, ""},
		{"2,000,000 records of nothing", func() string { return envelope(repeated("{}", 2_000_000)) }, ""},
		{"2,000,000 numbers", func() string { return envelope(repeated("1", 2_000_000)) }, ""},
		{"500,000 nulls", func() string { return envelope(repeated("null", 500_000)) }, ""},
		{"20,000 records with ids", func() string {
			return envelope(repeated(`{"robotKey":"k","userId":"1","chatId":"S:1_2","chatUser":"2","messageId":"1","conversationId":"R:1","wxid":"1"}`, 20_000))
		}, ""},
		{"a record of 8 MiB", func() string {
			return envelope(`{"robotKey":"k","userId":"1","nickName":"` + strings.Repeat("名", 2_600_000) + `"}`)
		}, ""},
		{"more than 8 MiB", func() string { return envelope(`{"robotKey":"` + strings.Repeat("k", 9<<20) + `"}`) }, ""},
		{"64 MiB", func() string { return strings.Repeat(" ", 64<<20) }, ""},
		{"a record of 200,000 keys", func() string { return envelope("{" + numberedKeys(200_000) + "}") }, ""},
		{"a code of 4 MiB", func() string { return `{"code":"` + strings.Repeat("1", 4<<20) + `","msg":"x"}` }, ""},
		{"words of 4 MiB", func() string { return `{"code":"1","msg":"` + strings.Repeat("错", 1_300_000) + `"}` }, ""},
		{"words that steer a terminal", func() string { return `{"code":"1","msg":"\u001b[2J\u0007"}` }, ""},
		{"a code that is deep", func() string { return `{"code":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}" }, ""},
		{"a total of 10^400", func() string { return `{"code":"0","total":1e400,"data":[]}` }, ""},
		{"a total below nothing", func() string { return `{"code":"0","total":-9223372036854775808,"data":[]}` }, ""},
		{"invalid UTF-8", func() string {
			return envelope("{\"robotKey\":\"k\",\"nickName\":\"" + strings.Repeat("\xff", 1<<20) + "\"}")
		}, ""},
		{"lone surrogates", func() string {
			return envelope(`{"robotKey":"k","nickName":"` + strings.Repeat(`\ud83d`, 200_000) + `"}`)
		}, ""},
		{"a token of 4 MiB", func() string { return `{"code":"0","data":{"accessToken":"` + strings.Repeat("a", 4<<20) + `"}}` }, ""},
		{"a token of two lines", func() string { return `{"code":"0","data":{"accessToken":"a\r\nX-Evil: 1"}}` }, ""},
		{"ids that are fractions", func() string { return envelope(`{"robotKey":1.5e300,"userId":1e-300,"chatId":2.5,"messageId":1e9}`) }, ""},
	} {
		for _, q := range questions() {
			if c.name != "64 MiB" || q.name == "history" {
				all = append(all, Case{Group: "answer to " + q.name, Name: c.name, Want: "", Make: func() (int, func() Verdict) {
					body := c.text()
					return len(body), answered(body, q.ask)
				}})
			}
		}
	}
	return all
}

// question is something the engine asks the platform.
type question struct {
	name string
	ask  func(ctx context.Context, c *rest.Client) error
}

func questions() []question {
	return []question{
		{"sign in", func(ctx context.Context, c *rest.Client) error { _, err := c.Auth(ctx); return err }},
		{"robots", func(ctx context.Context, c *rest.Client) error { _, err := c.Robots(ctx); return err }},
		{"members", func(ctx context.Context, c *rest.Client) error {
			for _, err := range c.Members(ctx, rest.MembersQuery{RobotKey: "k", GroupID: "R:1"}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"history", func(ctx context.Context, c *rest.Client) error {
			_, err := c.Messages(ctx, rest.MessagesQuery{RobotKey: "k", ChatUser: "R:1", Count: 100})
			return err
		}},
		{"chats", func(ctx context.Context, c *rest.Client) error {
			for _, err := range c.Chats(ctx, rest.ChatsQuery{RobotKey: "k"}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"bridge", func(ctx context.Context, c *rest.Client) error {
			_, err := c.Bridge(ctx, command.Command{Type: "robot.info.modify", Robot: "k", MessageID: "1", Fields: json.RawMessage(`{}`)})
			return err
		}},
	}
}

// answered asks a platform that always says the same, and gives a token for it.
func answered(body string, ask func(ctx context.Context, c *rest.Client) error) func() Verdict {
	saying := &platform{body: body}
	c := rest.New(rest.Options{BaseURL: "https://platform.test", AccessKey: "k", AccessSecret: "s", HTTPClient: &http.Client{Transport: saying}, RequestsPerSecond: 1e6})
	if _, err := c.Token(context.Background(), false); err != nil {
		panic(err) //nolint:forbidigo // the corpus itself is broken
	}
	saying.armed = true
	return func() Verdict {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		saying.asked = 0
		return verdict(ask(ctx, c) != nil)
	}
}

// platform gives a token, and the body to all that is asked once it is armed; a walk
// over pages ends after the first.
type platform struct {
	body  string
	armed bool
	asked int
}

func (p *platform) RoundTrip(req *http.Request) (*http.Response, error) {
	body := `{"code":"0","data":{"accessToken":"t","expireMinutes":"60"}}`
	if p.armed {
		body = p.body
		if p.asked++; p.asked > 1 {
			body = `{"code":"0","data":[]}`
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}
