package rest_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"botengine/internal/yjiyun/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key    = "user1"
	secret = "CANARY+secret/Q3KR21ME"
	path   = "/wxworkapi/robot/list"
)

// answer is what the platform says to one request.
type answer struct {
	status int // 0 = 200
	body   string
	header map[string]string
	after  time.Duration // how long it takes
	err    error         // instead of an answer
}

// platform is the other side, in memory: what a bubble of synctest can wait for.
type platform struct {
	auth func(n int) answer                               // the n-th request for a token, from 1
	call func(token, path string, form url.Values) answer // any other request
	mu   sync.Mutex                                       // guards all below
	at   []time.Time                                      // of the requests for a token
	seen []string                                         // path and token of the others
}

func (p *platform) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	a := p.answer(req, form)
	if a.after > 0 {
		select {
		case <-time.After(a.after):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	resp := &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: req}
	if a.status == 0 {
		resp.StatusCode = http.StatusOK
	}
	for name, value := range a.header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

func (p *platform) answer(req *http.Request, form url.Values) answer {
	if strings.HasSuffix(req.URL.Path, "/robotapi/client/auth") {
		p.mu.Lock()
		p.at = append(p.at, time.Now())
		n := len(p.at)
		p.mu.Unlock()
		if form.Get("accessKey") != key || form.Get("accessSecret") != secret {
			return answer{body: `{"code":"1","msg":"用户名或密码错误"}`}
		}
		return p.auth(n)
	}
	token := req.Header.Get("token")
	p.mu.Lock()
	p.seen = append(p.seen, req.URL.Path+" "+token)
	p.mu.Unlock()
	return p.call(token, req.URL.Path, form)
}

func (p *platform) auths() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.at)
}

func (p *platform) client(change ...func(*rest.Options)) *rest.Client {
	o := rest.Options{BaseURL: "https://platform.test/", AccessKey: key, AccessSecret: secret, HTTPClient: &http.Client{Transport: p}}
	for _, c := range change {
		c(&o)
	}
	return rest.New(o)
}

// grant is the answer that gives a token.
func grant(token string, minutes string) answer {
	return answer{body: `{"code":"0","msg":"ok","data":{"createTime":1585024550000,"expireMinutes":` + minutes + `,"accessToken":"` + token + `","username":"user1"}}`}
}

func robots(string, string, url.Values) answer {
	return answer{body: `{"code":"0","msg":"OK","data":[]}`}
}

var errUnreachable = errors.New("dial tcp 203.0.113.7:443: connect: connection refused")

func mustToken(t *testing.T, c *rest.Client, force bool) string {
	t.Helper()
	token, err := c.Token(t.Context(), force)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// together runs f in n goroutines and waits for all.
func together(n int, f func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(f)
	}
	wg.Wait()
}

// pass lets the bubble's clock run on.
func pass(d time.Duration) { <-time.After(d) }
