package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/rest"
)

const sheet = "PK\x03\x04机器人群数据"

// store is a platform on a real socket that names an address for the group list.
func store(t *testing.T, address func(self string) string, file http.HandlerFunc) (client *rest.Client, asked *url.Values) {
	t.Helper()
	asked = new(url.Values)
	var server *httptest.Server
	server, client = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robotapi/client/auth":
			fmt.Fprint(w, grant("CANARYtoken", "60").body)
		case "/wxworkapi/grouptag/list/download":
			_ = r.ParseForm()
			*asked = r.PostForm
			fmt.Fprintf(w, `{"msg":"OK","code":"O","downloadUrl":%q}`, address(server.URL))
		default:
			file(w, r)
		}
	})
	return client, asked
}

func TestAGroupListIsFetchedWithoutTheToken(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("token") != "" || r.URL.RawQuery != "" || strings.Contains(fmt.Sprint(r.Header), "CANARY") {
			t.Errorf("the other host was told %v", r.Header)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(sheet)))
		fmt.Fprint(w, sheet)
	}))
	defer other.Close()
	client, asked := store(t, func(string) string { return other.URL + "/513/%E6%9C%BA%E5%99%A8%E4%BA%BA_2021.xlsx" }, nil)
	var file bytes.Buffer
	var done, total int64
	q := rest.SheetQuery{RobotKeys: []string{"a", "b"}, Name: "福利", MinMembers: new(0), MaxMembers: new(200), External: new(false), Order: rest.OldestFirst, Status: new(1), CreatorID: "7", CreatorName: "甜"}
	got, err := client.DownloadGroups(t.Context(), q, &file, func(d, n int64) { done, total = d, n })
	if err != nil {
		t.Fatal(err)
	}
	if want := (rest.Sheet{Name: "机器人_2021.xlsx", Bytes: int64(len(sheet))}); got != want || file.String() != sheet {
		t.Errorf("got %+v, %q", got, file.String())
	}
	if done != int64(len(sheet)) || total != done {
		t.Errorf("told %d of %d", done, total)
	}
	query, _ := url.QueryUnescape(asked.Encode())
	if query != "creatorId=7&creatorName=甜&memberCount=0&name=福利&orderBy=3&outerGroupChat=0&robotKeys=a&robotKeys=b&status=1&upmemberCount=200" {
		t.Errorf("asked %s", query)
	}
}

func TestGroupsOfAListMayBeNamed(t *testing.T) {
	client, asked := store(t, func(self string) string { return self + "/x.xlsx" }, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, sheet) })
	if _, err := client.DownloadGroups(t.Context(), rest.SheetQuery{RobotKeys: []string{"a"}, GroupIDs: []string{"R:1", "R:2"}}, io.Discard, nil); err != nil {
		t.Fatal(err)
	}
	if got := asked.Encode(); got != "conversationIds=R%3A1&conversationIds=R%3A2&robotKey=a" {
		t.Errorf("asked %s", got)
	}
}

func TestAGroupListThatCannotBeHadIsSaid(t *testing.T) {
	cases := map[string]struct {
		file http.HandlerFunc
		want string
	}{
		"it is not there":    {http.NotFound, "http 404"},
		"nobody may have it": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "http 403"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/x", http.StatusFound)
		}, "points on to https://example.com"},
		"a page":                 {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>CANARY") }, "is a page, not the file"},
		"an answer in its place": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"code":"1"}`) }, "is a page, not the file"},
		"nothing":                {func(http.ResponseWriter, *http.Request) {}, "is empty"},
		"too much":               {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.CopyN(w, endless{}, rest.MaxSheet+1) }, "larger than 64 MiB"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client, _ := store(t, func(self string) string { return self + "/x.xlsx" }, c.file)
			_, err := client.DownloadGroups(t.Context(), rest.SheetQuery{RobotKeys: []string{"k"}}, io.Discard, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'P'
	}
	return len(p), nil
}

func TestADownloadGoesOnlyWhereItMay(t *testing.T) {
	cases := map[string]struct{ address, asked, wrong string }{
		"the document's unencrypted sample": {"http://media.yjiyun.com/513/x.xlsx", "https://media.yjiyun.com/513/x.xlsx", ""},
		"a port of the unencrypted kind":    {"http://media.yjiyun.com:80/x.xlsx", "https://media.yjiyun.com/x.xlsx", ""},
		"an encrypted address":              {"https://media.yjiyun.com/x.xlsx?Expires=1&Signature=a%2Bb", "https://media.yjiyun.com/x.xlsx?Expires=1&Signature=a%2Bb", ""},
		"this machine":                      {"http://127.0.0.1:8080/x", "", "points to this machine"},
		"this machine by name":              {"https://localhost/x", "", "points to this machine"},
		"a file":                            {"file:///etc/passwd", "", "can be fetched"},
		"a user in it":                      {"https://u:p@media.yjiyun.com/x", "", "can be fetched"},
		"a path alone":                      {"/x.xlsx", "", "can be fetched"},
		"nothing":                           {"", "", "is missing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var fetched string
			p := &sample{answer: fmt.Sprintf(`{"code":"0","downloadUrl":%q}`, c.address), file: sheet}
			client := rest.New(rest.Options{BaseURL: "https://platform.test", AccessKey: key, AccessSecret: secret, HTTPClient: &http.Client{Transport: watcher{p, &fetched}}})
			_, err := client.DownloadGroups(t.Context(), rest.SheetQuery{RobotKeys: []string{"k"}}, io.Discard, nil)
			if fetched != c.asked || (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("fetched %s, %v", fetched, err)
			}
		})
	}
}

// watcher notes what is fetched.
type watcher struct {
	http.RoundTripper
	fetched *string
}

func (w watcher) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		*w.fetched = req.URL.String()
	}
	return w.RoundTripper.RoundTrip(req)
}

// stuttering is a platform whose file comes as the bodies say, one each time.
type stuttering struct {
	sample
	bodies []io.ReadCloser
	tries  int
}

func (s *stuttering) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return s.sample.RoundTrip(req)
	}
	body := s.bodies[min(s.tries, len(s.bodies)-1)]
	s.tries++
	if slow, ok := body.(*standing); ok {
		slow.ctx = req.Context()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: req, ContentLength: -1}, nil
}

// standing gives what it has, piece by piece, then stands still.
type standing struct {
	ctx    context.Context //nolint:containedctx // the request's, as a connection has it
	pieces []string
	every  time.Duration
	end    error // nil = it never ends
}

func (s *standing) Read(p []byte) (int, error) {
	if len(s.pieces) == 0 {
		if s.end != nil {
			return 0, s.end
		}
		<-s.ctx.Done()
		return 0, s.ctx.Err()
	}
	pass(s.every)
	n := copy(p, s.pieces[0])
	s.pieces = s.pieces[1:]
	return n, nil
}

func (s *standing) Close() error { return nil }

func stutter(bodies ...io.ReadCloser) (*stuttering, *rest.Client) {
	s := &stuttering{sample: sample{answer: `{"code":"0","downloadUrl":"https://media.yjiyun.com/x.xlsx"}`}, bodies: bodies}
	return s, rest.New(rest.Options{BaseURL: "https://platform.test", AccessKey: key, AccessSecret: secret, HTTPClient: &http.Client{Transport: s}})
}

func TestASlowFileIsWaitedForAndAStandingOneIsNot(t *testing.T) {
	q := rest.SheetQuery{RobotKeys: []string{"k"}}
	synctest.Test(t, func(t *testing.T) {
		_, c := stutter(&standing{pieces: strings.Split("PK........", ""), every: 20 * time.Second, end: io.EOF})
		if got, err := c.DownloadGroups(t.Context(), q, io.Discard, nil); err != nil || got.Bytes != 10 {
			t.Errorf("a slow one: %+v, %v", got, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s, c := stutter(&standing{pieces: []string{"PK"}})
		start := time.Now()
		_, err := c.DownloadGroups(t.Context(), q, io.Discard, nil)
		if _, ok := errors.AsType[*rest.TransportError](err); !ok || s.tries != 1 || time.Since(start) > time.Minute {
			t.Errorf("a standing one, after %s and %d tries: %v", time.Since(start), s.tries, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s, c := stutter(&standing{}, &standing{end: io.ErrUnexpectedEOF}, io.NopCloser(strings.NewReader(sheet)))
		if got, err := c.DownloadGroups(t.Context(), q, io.Discard, nil); err != nil || s.tries != 3 || got.Bytes != int64(len(sheet)) {
			t.Errorf("one that begins at the third try: %v after %d", err, s.tries)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, c := stutter(&standing{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.DownloadGroups(ctx, q, io.Discard, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who gives up: %v", err)
		}
	})
}

var errDiskFull = errors.New("no space left on device")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDiskFull }

func TestAFullDiskIsNotTheNetworksFault(t *testing.T) {
	s, c := stutter(io.NopCloser(strings.NewReader(sheet)))
	if _, err := c.DownloadGroups(t.Context(), rest.SheetQuery{RobotKeys: []string{"k"}}, fullDisk{}, nil); !errors.Is(err, errDiskFull) || s.tries != 1 {
		t.Errorf("got %v after %d tries", err, s.tries)
	}
}

func TestAGroupListOfNothingIsNotAskedFor(t *testing.T) {
	for name, q := range map[string]rest.SheetQuery{
		"no robot":              {},
		"groups of two robots":  {RobotKeys: []string{"a", "b"}, GroupIDs: []string{"R:1"}},
		"groups and a filter":   {RobotKeys: []string{"a"}, GroupIDs: []string{"R:1"}, Name: "x"},
		"an order that is none": {RobotKeys: []string{"a"}, Order: 5},
	} {
		p := answering(`{}`)
		if _, err := p.client().DownloadGroups(t.Context(), q, io.Discard, nil); err == nil || p.auths() > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
