package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/rest"
)

// listing is a platform with n customers, numbered from 1.
func listing(n int, total bool, change func(page int, list []string) []string) func(string, string, url.Values) answer {
	return func(_, _ string, form url.Values) answer {
		page, _ := strconv.Atoi(form.Get("pageNum"))
		size, _ := strconv.Atoi(form.Get("pageSize"))
		var list []string
		for i := (page-1)*size + 1; i <= min(page*size, n); i++ {
			list = append(list, fmt.Sprintf(`{"userId":%d}`, i))
		}
		if change != nil {
			list = change(page, list)
		}
		said := ""
		if total {
			said = fmt.Sprintf(`"total":%d,`, n)
		}
		return answer{body: `{"code":"0",` + said + `"data":[` + strings.Join(list, ",") + `]}`}
	}
}

func TestAListingIsFollowedOverAllItsPages(t *testing.T) {
	cases := []struct {
		sentence        string
		n               int
		total           bool
		walk            rest.Walk
		want, questions int
	}{
		{"none, said so", 0, true, rest.Walk{}, 0, 1},
		{"none, not said", 0, false, rest.Walk{}, 0, 1},
		{"less than a page", 60, true, rest.Walk{}, 60, 1},
		{"a page exactly", 100, true, rest.Walk{}, 100, 1},
		{"a page exactly, the total not said", 100, false, rest.Walk{}, 100, 2},
		{"a short page that could be the platform's own size", 20, false, rest.Walk{}, 20, 2},
		{"a page shorter than any size", 19, false, rest.Walk{}, 19, 1},
		{"three pages", 250, true, rest.Walk{}, 250, 3},
		{"pages of seven", 50, true, rest.Walk{PageSize: 7}, 50, 8},
		{"a limit within the first page", 250, true, rest.Walk{Limit: 3}, 3, 1},
		{"a limit within the third page", 250, true, rest.Walk{Limit: 201}, 201, 3},
		{"a limit at the end of a page", 250, true, rest.Walk{Limit: 200}, 200, 2},
		{"a limit that is never reached", 250, true, rest.Walk{Limit: 1000}, 250, 3},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{auth: numbered("60"), call: listing(c.n, c.total, nil)}
				got, err := all(p.client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k", Walk: c.walk}))
				if err != nil || len(got) != c.want || len(p.seen) != c.questions {
					t.Fatalf("%d customers after %d questions, want %d after %d (%v)", len(got), len(p.seen), c.want, c.questions, err)
				}
				for i, customer := range got {
					if customer.UserID != strconv.Itoa(i+1) {
						t.Fatalf("customer %d is %s", i, customer.UserID)
					}
				}
			})
		})
	}
}

func TestAPlatformThatCapsItsPagesLosesNothing(t *testing.T) {
	for _, total := range []bool{true, false} {
		p := &platform{auth: numbered("60"), call: func(token, path string, form url.Values) answer {
			form.Set("pageSize", "20") // whatever was asked for
			return listing(55, total, nil)(token, path, form)
		}}
		got, err := all(p.client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k"}))
		if err != nil || len(got) != 55 {
			t.Errorf("total said: %v: %d customers, %v", total, len(got), err)
		}
	}
}

func TestAListingThatMovesGivesEachRecordOnce(t *testing.T) {
	p := &platform{auth: numbered("60"), call: listing(30, true, func(page int, list []string) []string {
		if page > 1 { // somebody came in front meanwhile
			list = append([]string{fmt.Sprintf(`{"userId":%d}`, (page-1)*10)}, list...)
		}
		return list
	})}
	got, err := all(p.client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k", Walk: rest.Walk{PageSize: 10}}))
	if err != nil || len(got) != 30 {
		t.Errorf("%d customers, %v", len(got), err)
	}
}

func TestAPlatformThatRepeatsAPageForEverIsNotFollowed(t *testing.T) {
	cases := map[string]func(*rest.Client, context.Context) error{
		"the same customers": func(c *rest.Client, ctx context.Context) error {
			_, err := all(c.Customers(ctx, rest.CustomersQuery{RobotKey: "k", Walk: rest.Walk{PageSize: 20}}))
			return err
		},
		"the same chats": func(c *rest.Client, ctx context.Context) error {
			_, err := all(c.Chats(ctx, rest.ChatsQuery{Walk: rest.Walk{PageSize: 20}}))
			return err
		},
		"the same messages": func(c *rest.Client, ctx context.Context) error {
			_, err := all(c.History(ctx, rest.HistoryQuery{RobotKey: "k", ChatUser: "R:1", Walk: rest.Walk{PageSize: 20}}))
			return err
		},
	}
	for name, walk := range cases {
		t.Run(name, func(t *testing.T) {
			var records []string
			for i := range 20 {
				records = append(records, fmt.Sprintf(`{"userId":%d,"chatId":"S:1_%d","messageId":"%d","lastMsgActive":%d,"timestamp":1}`, i, i, i, 100-i))
			}
			list := `[` + strings.Join(records, ",") + `]`
			p := answering(`{"code":"0","data":` + list + `}`)
			err := walk(p.client(), t.Context())
			if _, ok := errors.AsType[*rest.AnswerError](err); !ok || !strings.Contains(err.Error(), "repeats a page") {
				t.Errorf("got %v", err)
			}
			if len(p.seen) != 2 {
				t.Errorf("asked %d times", len(p.seen))
			}
		})
	}
}

func TestAWalkTellsHowFarItIs(t *testing.T) {
	var told []string
	walk := rest.Walk{PageSize: 100, Limit: 230, Progress: func(done, total int) { told = append(told, fmt.Sprintf("%d/%d", done, total)) }}
	p := &platform{auth: numbered("60"), call: listing(250, true, nil)}
	if _, err := all(p.client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k", Walk: walk})); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(told, " "); got != "100/230 200/230 230/230" {
		t.Errorf("told %s", got)
	}
}

func TestAWalkMayBeLeftAndTakenAgain(t *testing.T) {
	p := &platform{auth: numbered("60"), call: listing(250, true, nil)}
	walk := p.client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k"})
	for range walk {
		break
	}
	if len(p.seen) != 1 {
		t.Fatalf("asked %d times for the first", len(p.seen))
	}
	if got, err := all(walk); err != nil || len(got) != 250 {
		t.Errorf("the second time %d customers, %v", len(got), err)
	}
}

func TestAnErrorEndsAWalkAfterWhatCameBefore(t *testing.T) {
	p := &platform{auth: numbered("60"), call: listing(250, true, func(page int, list []string) []string {
		if page == 2 {
			return []string{`{"userId":1.688e15}`}
		}
		return list
	})}
	got, err := all(p.client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k"}))
	unreadable, ok := errors.AsType[*rest.AnswerError](err)
	if !ok || unreadable.Field != "data.userId" || len(got) != 100 {
		t.Errorf("%d customers, %v", len(got), err)
	}
}

func TestAOneRecordAnswerNeedsNoList(t *testing.T) {
	got, err := all(answering(`{"code":"0","total":1,"data":{"userId":"780000919","name":"蘑菇"}}`).client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k"}))
	if err != nil || len(got) != 1 || got[0].Name != "蘑菇" {
		t.Errorf("%v, %v", got, err)
	}
}

// moments is a platform whose chats were last active at these milliseconds,
// newest first, 30 of them at one and the same.
func moments(n int, inclusive bool) (chats func(string, string, url.Values) answer) {
	at := make([]int, n)
	for i := range at {
		at[i] = 1592463832000 - max(0, i-30)*1000
	}
	return func(_, _ string, form url.Values) answer {
		count, _ := strconv.Atoi(form.Get("count"))
		until, err := strconv.Atoi(form.Get("timestamp"))
		if err != nil {
			until = at[0] + 1
		}
		var list []string
		for i, ms := range at {
			if len(list) < count && (ms < until || inclusive && ms == until) {
				list = append(list, fmt.Sprintf(`{"chatId":"S:1_%d","lastMsgActive":%d,"botInfo":{"wxid":16888,"robotKey":"k"},"pushContent":"小勇: 收到"}`, i, ms))
			}
		}
		return answer{body: `{"code":"0","chats":[` + strings.Join(list, ",") + `]}`}
	}
}

func TestChatsAreFollowedBackInTime(t *testing.T) {
	for _, size := range []int{1, 7, 50, 250, 1000} {
		for _, inclusive := range []bool{true, false} {
			p := &platform{auth: numbered("60"), call: moments(250, inclusive)}
			c := p.client(func(o *rest.Options) { o.RequestsPerSecond = 1e6 })
			got, err := all(c.Chats(t.Context(), rest.ChatsQuery{Walk: rest.Walk{PageSize: size}}))
			if err != nil || len(got) != 250 {
				t.Fatalf("pages of %d, inclusive %v: %d chats, %v", size, inclusive, len(got), err)
			}
			if !slices.IsSortedFunc(got, func(a, b rest.Chat) int { return b.LastActive.Compare(a.LastActive) }) {
				t.Error("not newest first")
			}
			if got[0].Robot.ID != "16888" || got[0].Last != "小勇: 收到" {
				t.Errorf("got %+v", got[0])
			}
		}
	}
}

func TestChatsEndAtTheMomentThatIsAskedFor(t *testing.T) {
	p := &platform{auth: numbered("60"), call: moments(250, true)}
	since := time.UnixMilli(1592463832000 - 60_000)
	got, err := all(p.client().Chats(t.Context(), rest.ChatsQuery{Since: since, Walk: rest.Walk{PageSize: 50}}))
	if err != nil || len(got) != 91 || got[len(got)-1].LastActive.Before(since) {
		t.Errorf("%d chats, %v", len(got), err)
	}
	if len(p.seen) != 2 {
		t.Errorf("asked %d times", len(p.seen))
	}
}

// talk is a chat into which somebody writes a message before every page.
func talk(start int, inclusive bool) func(string, string, url.Values) answer {
	n := start
	return func(_, _ string, form url.Values) answer {
		until, err := strconv.Atoi(form.Get("timestamp"))
		if err != nil {
			until = 1 << 60
		}
		offset, _ := strconv.Atoi(form.Get("offset"))
		count, _ := strconv.Atoi(form.Get("count"))
		var list []string
		for i := n; i > 0; i-- {
			if i < until || inclusive && i == until {
				list = append(list, fmt.Sprintf(`{"messageId":"%d","timestamp":%d}`, i, i))
			}
		}
		n++
		list = list[min(offset, len(list)):]
		return answer{body: `{"code":"0","model":[` + strings.Join(list[:min(count, len(list))], ",") + `]}`}
	}
}

func TestHistoryIsWholeWhileTheChatGoesOn(t *testing.T) {
	for _, inclusive := range []bool{true, false} {
		p := &platform{auth: numbered("60"), call: talk(130, inclusive)}
		got, err := all(p.client().History(t.Context(), rest.HistoryQuery{RobotKey: "k", ChatUser: "R:1", Walk: rest.Walk{PageSize: 25}}))
		if err != nil {
			t.Fatal(err)
		}
		// What was said after the first page may be missing, or show up once.
		want := 130
		for _, m := range got {
			if n, _ := strconv.Atoi(m.MessageID); n == want {
				want--
			} else if n <= 130 {
				t.Fatalf("inclusive %v: message %d where %d should be", inclusive, n, want)
			}
		}
		if want != 0 {
			t.Errorf("inclusive %v: the history ends at %d", inclusive, want+1)
		}
	}
}

func TestHistoryAsksForWhatIsWanted(t *testing.T) {
	var asked []url.Values
	p := &platform{auth: numbered("60"), call: func(_, _ string, form url.Values) answer {
		asked = append(asked, form)
		return answer{body: `{"code":"0"}`}
	}}
	q := rest.HistoryQuery{RobotKey: "k", ChatUser: "R:1", ContentType: 7, From: time.UnixMilli(5), To: time.UnixMilli(9), Walk: rest.Walk{Limit: 3}}
	if _, err := all(p.client().History(t.Context(), q)); err != nil {
		t.Fatal(err)
	}
	if got := asked[0].Encode(); got != "chatUser=R%3A1&contentType=7&count=3&robotKey=k&s_timestamp=5&timestamp=9" {
		t.Errorf("asked %s", got)
	}
	if _, err := all(p.client().History(t.Context(), rest.HistoryQuery{RobotKey: "k"})); err == nil || len(asked) != 1 {
		t.Errorf("the history of nobody: %v", err)
	}
}

func TestFiltersAreSentAsTheDocumentNamesThem(t *testing.T) {
	cases := map[string]struct {
		ask  func(*rest.Client, context.Context) error
		want string
	}{
		"customers": {func(c *rest.Client, ctx context.Context) error {
			_, err := all(c.Customers(ctx, rest.CustomersQuery{RobotKey: "k", Status: new(0), UserID: "7881299459945762", Name: "江", Tags: []string{"行业/教育", "重点"}}))
			return err
		}, "name=江&pageNum=1&pageSize=100&robotKey=k&status=0&tagList=行业/教育&tagList=重点&userId=7881299459945762"},
		"groups": {func(c *rest.Client, ctx context.Context) error {
			_, err := all(c.Groups(ctx, rest.GroupsQuery{RobotKey: "k", Status: new(1), ID: "R:1", CreatorID: "7881300922264508", Name: "福利"}))
			return err
		}, "conversationId=R:1&creatorId=7881300922264508&name=福利&pageNum=1&pageSize=100&robotKey=k&status=1"},
		"members": {func(c *rest.Client, ctx context.Context) error {
			_, err := all(c.Members(ctx, rest.MembersQuery{RobotKey: "k", GroupID: "R:1", Status: new(1), UserID: "1", Name: "甜"}))
			return err
		}, "conversationId=R:1&memberName=甜&memberUserId=1&pageNum=1&pageSize=100&robotKey=k&status=1"},
		"chats": {func(c *rest.Client, ctx context.Context) error {
			_, err := all(c.Chats(ctx, rest.ChatsQuery{RobotKey: "k", Until: time.UnixMilli(7)}))
			return err
		}, "count=100&robotKey=k&timestamp=7"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var asked url.Values
			p := &platform{auth: numbered("60"), call: func(_, _ string, form url.Values) answer { asked = form; return answer{body: `{"code":"0"}`} }}
			if err := c.ask(p.client(), t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, err := url.QueryUnescape(asked.Encode()); err != nil || got != c.want {
				t.Errorf("asked %s, want %s", got, c.want)
			}
		})
	}
}

func TestAListingOfNobodyIsNotAskedFor(t *testing.T) {
	p := answering(`{"code":"0"}`)
	c := p.client()
	_, customers := all(c.Customers(t.Context(), rest.CustomersQuery{}))
	_, groups := all(c.Groups(t.Context(), rest.GroupsQuery{}))
	_, members := all(c.Members(t.Context(), rest.MembersQuery{RobotKey: "k"}))
	if customers == nil || groups == nil || members == nil || p.auths() > 0 {
		t.Errorf("%v, %v, %v", customers, groups, members)
	}
}
