package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun/rest"
)

var update = flag.Bool("update", false, "rewrite what is expected of the samples under ../testdata/rest")

var sendAt = time.UnixMilli(1585024550000)

const robotKey = "03f16c3b9b6a46108c38b9f2aa49b27b"

// sampled asks for what each section of the document shows a sample of.
var sampled = map[string]func(context.Context, *rest.Client) (any, error){
	"2.1": func(ctx context.Context, c *rest.Client) (any, error) { return c.Token(ctx, false) },
	"2.2": func(ctx context.Context, c *rest.Client) (any, error) { return c.Robots(ctx) },
	"2.3": func(ctx context.Context, c *rest.Client) (any, error) {
		return all(c.Customers(ctx, rest.CustomersQuery{RobotKey: robotKey}))
	},
	"2.4": func(ctx context.Context, c *rest.Client) (any, error) {
		return all(c.Groups(ctx, rest.GroupsQuery{RobotKey: robotKey}))
	},
	"2.5": func(ctx context.Context, c *rest.Client) (any, error) {
		return c.DownloadGroups(ctx, rest.SheetQuery{RobotKeys: []string{robotKey}}, io.Discard, nil)
	},
	"2.6": func(ctx context.Context, c *rest.Client) (any, error) {
		return all(c.Members(ctx, rest.MembersQuery{RobotKey: robotKey, GroupID: "R:10696051755024720"}))
	},
	"2.7": func(ctx context.Context, c *rest.Client) (any, error) { return c.SaveTask(ctx, sampleTask()) },
	"2.8": func(ctx context.Context, c *rest.Client) (any, error) { return c.Bridge(ctx, sampleCommand()) },
	"2.9": func(ctx context.Context, c *rest.Client) (any, error) {
		return c.CopyGroupSettings(ctx, rest.GroupSettings{
			RobotKey: "c59640291cbd401e9df97328349a7be0", GroupID: "R:1736038911",
			Modules: []rest.SettingsModule{rest.ModuleWelcome, rest.ModuleDefaultReply},
			Targets: []rest.Target{
				{RobotKey: "d50059bf04fa4f56b6f591ba2ac5c19f", Peers: []string{"R:10696052725018269", "R:10696052725018261"}},
				{RobotKey: "42fb402a035a48de9c8bcaaffb50122b", Peers: []string{"R:1736053432"}},
			},
		})
	},
	"2.10": func(ctx context.Context, c *rest.Client) (any, error) { return all(c.Chats(ctx, rest.ChatsQuery{})) },
	"2.11": func(ctx context.Context, c *rest.Client) (any, error) {
		return all(c.History(ctx, rest.HistoryQuery{RobotKey: "73bd11c5b17f462fba08d4a3d5bad767", ChatUser: "R:1736038942"}))
	},
	"2.12": func(ctx context.Context, c *rest.Client) (any, error) {
		return nil, c.ClearUnread(ctx, "S:1688853470427542_R:1736038942")
	},
	"2.13": func(ctx context.Context, c *rest.Client) (any, error) {
		return nil, c.SyncContacts(ctx, robotKey, rest.SyncAll)
	},
}

func sampleTask() rest.Task {
	return rest.Task{
		Name: "消息群发 test",
		Pace: &rest.Pace{Batch: 1, Min: 45 * time.Second, Max: time.Minute},
		Contents: []rest.Content{
			{Type: rest.ContentText, Content: "消息群发 test"},
			{Type: rest.ContentImage, Content: "http://mfile.yjiyun.com/merchant/robot/anonymousUser/81ea098ae6064f15bf5c69d0f1e24514/u=3616019185,408163710&fm=27&gp=0.jpg"},
			{
				Type: rest.ContentMiniProgram, Title: "微信读书", Content: "向上生长", SenderName: "凯撒",
				SenderAvatar: "https://wework.qpic.cn/wwhead/duc2TvpEgST9hicuyypLEKGOvrAdg5hH1cxbj16No8Rp61U3tBy9Rq6UrSibCSGaibPYYLu6WPx8C4/0",
				Logo:         "http://wx.qlogo.cn/mmhead/Q3auHgzwzM4xR6t0xTYsTwyZYTeQY41YD0VnDnGj1dTPyh1s50ohQw/96",
			},
		},
		Groups:  true,
		Targets: []rest.Target{{RobotKey: "f16096caffd246acb5bb69b657a0894e", Peers: []string{"R:10696051755024720"}}},
	}
}

func sampleCommand() command.Command {
	return command.Command{
		MessageID: "202002051616xxxx503", Robot: "3a8da269768848ffb447db007d70f974", Type: "robot.phone.contact.add",
		Lane: command.LaneAction, Class: command.Unverifiable, Fields: json.RawMessage(`{"phone":"1562xxx229"}`),
	}
}

func all[T any](records iter.Seq2[T, error]) ([]T, error) {
	var list []T
	for record, err := range records {
		if err != nil {
			return list, err
		}
		list = append(list, record)
	}
	return list, nil
}

// sample is a platform that gives one answer once, then an empty one, and keeps
// the first request that was not for a token.
type sample struct {
	answer string
	body   []byte
	kind   string
	token  string
	path   string
	file   string // what lies at the address of a download
}

func (s *sample) RoundTrip(req *http.Request) (*http.Response, error) {
	body := []byte{}
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	text := `{"code":"0","msg":"OK"}`
	switch {
	case strings.HasSuffix(req.URL.Path, "/client/auth"):
		text = grant("eaa9c935b5b27c231a8b0c323feb1361", "60").body
		if s.answer == "" && s.body == nil {
			s.body, s.kind = body, req.Header.Get("Content-Type")
		}
	case req.Method == http.MethodGet:
		text = s.file
	case s.answer != "":
		text, s.answer = s.answer, ""
		fallthrough
	default:
		if s.token == "" {
			s.body, s.kind, s.token = body, req.Header.Get("Content-Type"), req.Header.Get("token")
			s.path = req.URL.Path
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: req}, nil
}

func (s *sample) client() *rest.Client { return s.clientWith(nil) }

func (s *sample) clientWith(change func(*rest.Options)) *rest.Client {
	o := rest.Options{BaseURL: "https://platform.test", AccessKey: "user1", AccessSecret: "Q3KR21ME", HTTPClient: &http.Client{Transport: s}}
	if change != nil {
		change(&o)
	}
	return rest.New(o)
}

// A new case is a new file: -update writes what is expected of it.
func TestAnswersAreReadAsTheDocumentShowsThem(t *testing.T) {
	for _, file := range samples(t, "response") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			answer, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := sampled[section(file)](t.Context(), (&sample{answer: string(answer), file: "PK\x03\x04"}).client())
			if err != nil {
				t.Fatal(err)
			}
			if end, ok := got.(event.CommandEnd); ok { // its payload as text
				got = []any{end.Type, end.MessageID, end.Code, end.Msg, json.RawMessage(end.Payload)}
			}
			var text bytes.Buffer
			encoder := json.NewEncoder(&text)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", " ")
			if err := encoder.Encode(got); err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSuffix(file, ".json") + ".want"
			if *update {
				if err := os.WriteFile(want, text.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			expected, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(expected), text.String()); diff != "" {
				t.Errorf("it is not what %s holds (-want +got):\n%s", want, diff)
			}
		})
	}
}

func TestRequestsAreAsTheDocumentShowsThem(t *testing.T) {
	for _, file := range samples(t, "request") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			platform := &sample{}
			if _, err := sampled[section(file)](t.Context(), platform.client()); err != nil {
				t.Fatal(err)
			}
			want, got := object(t, text), object(t, platform.object(t))
			for _, added := range []string{"token", "timestamp"} { // what §3.0 asks of every frame; the token goes in the header too
				delete(want, added)
				delete(got, added)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("it differs from the document (-document +got):\n%s", diff)
			}
		})
	}
}

// object is the body that came, a form's as JSON.
func (s *sample) object(t *testing.T) []byte {
	t.Helper()
	if strings.HasPrefix(s.kind, "application/json; charset=UTF-8") {
		return s.body
	}
	form, err := url.ParseQuery(string(s.body))
	if err != nil {
		t.Fatal(err)
	}
	flat := map[string]string{}
	for name := range maps.Keys(form) {
		flat[name] = form.Get(name)
	}
	text, err := json.Marshal(flat)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return fields
}

func samples(t *testing.T, kind string) []string {
	t.Helper()
	files, err := filepath.Glob("../testdata/rest/*." + kind + ".json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		if sampled[section(file)] == nil {
			t.Fatal(errors.New("nobody asks for " + file))
		}
	}
	return files
}

// section is the § that a file's name begins with.
func section(file string) string {
	number, _, _ := strings.Cut(filepath.Base(file), "-")
	return number
}
