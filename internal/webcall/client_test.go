package webcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// calling is the command of a call.
func calling(t *testing.T, method, url string, headers map[string]string, body string) command.Command {
	t.Helper()
	f := fields{Method: method, URL: url, Headers: headers}
	if body != "" {
		f.Body = json.RawMessage(body)
	}
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return command.Command{Key: "0123abcd", Type: command.TypeCall, Fields: raw}
}

// local serves on this machine and returns the host as a configuration allows it.
func local(t *testing.T, then http.HandlerFunc) (address string, h Host) {
	t.Helper()
	s := httptest.NewServer(then)
	t.Cleanup(s.Close)
	return s.URL, Host{Name: strings.TrimPrefix(s.URL, "http://"), Private: true, Plain: true}
}

func TestACallSaysWhatItIsToldAndReadsTheAnswer(t *testing.T) {
	var got *http.Request
	var body []byte
	url, host := local(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		fmt.Fprint(w, `{"状态":"已发货"}`)
	})
	c := New(Options{Hosts: []Host{host}, Secrets: func(name string) (string, bool) { return "s3cret", name == "crm" }})
	end, err := c.Do(t.Context(), calling(t, "POST", url+"/orders?q=%E5%BC%A0", map[string]string{"Authorization": "Bearer ${crm}"}, `{"id":"14073751575621261"}`))
	if err != nil || end.Code != event.CodeOK {
		t.Fatalf("the call ended %+v, %v", end, err)
	}
	if string(end.Payload) != `{"status":200,"body":"{\"状态\":\"已发货\"}"}` {
		t.Errorf("the payload is %s", end.Payload)
	}
	if got.Method != http.MethodPost || got.URL.RequestURI() != "/orders?q=%E5%BC%A0" || string(body) != `{"id":"14073751575621261"}` {
		t.Errorf("the host got %s %s %s", got.Method, got.URL, body)
	}
	if got.Header.Get("Authorization") != "Bearer s3cret" || got.Header.Get("Idempotency-Key") != "0123abcd" {
		t.Errorf("the host got the headers %v", got.Header)
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	for name, c := range map[string]struct {
		then http.HandlerFunc
		want string
	}{
		"done":                    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "0"},
		"refused":                 {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "404"},
		"broken":                  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "500"},
		"64 KiB is read":          {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("a", MaxAnswer)) }, "0"},
		"a byte more is too much": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("a", MaxAnswer+1)) }, CodeTooLarge},
		"a redirect is not followed": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "307"},
		"nor one to another protocol": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/", http.StatusFound)
		}, "302"},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			url, host := local(t, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); c.then(w, r) })
			end, err := New(Options{Hosts: []Host{host}}).Do(t.Context(), calling(t, "POST", url, nil, `{}`))
			if err != nil || end.Code != c.want || calls.Load() != 1 {
				t.Errorf("ended %q, %v after %d calls", end.Code, err, calls.Load())
			}
		})
	}
}

// Nothing of this leaves: neither by another spelling of an address nor by a name
// that stands for it.
func TestOnlyAllowedHostsAreCalledAndOnlyAtPublicAddresses(t *testing.T) {
	var reached atomic.Int32
	url, _ := local(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	port := url[strings.LastIndexByte(url, ':'):]
	private := []string{"127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "0.0.0.0", "[::]",
		"169.254.169.254", "[fe80::1]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "224.0.0.1", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"}
	for _, at := range private {
		host := Host{Name: at + port, Plain: true}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err := New(Options{Hosts: []Host{host}}).Do(ctx, calling(t, "GET", "http://"+at+port+"/secret", nil, ""))
		cancel()
		if !errors.Is(err, command.ErrInvalid) && !errors.Is(err, command.ErrNotSent) {
			t.Errorf("%s: %v", at, err)
		}
		if err != nil && strings.Contains(err.Error(), "/secret") {
			t.Errorf("%s: the error tells the address: %v", at, err)
		}
	}
	for name, c := range map[string]struct {
		url  string
		host Host
	}{
		"another host":               {"https://example.org/", Host{Name: "example.com"}},
		"a longer name":              {"https://example.com.evil.test/", Host{Name: "example.com"}},
		"the host as a user's name":  {"https://example.com@evil.test/", Host{Name: "example.com"}},
		"another port":               {"https://example.com:8443/", Host{Name: "example.com"}},
		"without encryption":         {"http://example.com/", Host{Name: "example.com"}},
		"another protocol":           {"ftp://example.com/", Host{Name: "example.com", Plain: true}},
		"a private one's link-local": {"http://169.254.169.254/latest/meta-data", Host{Name: "169.254.169.254", Plain: true, Private: true}},
		"the same by NAT64":          {"http://[64:ff9b::a9fe:a9fe]/latest", Host{Name: "64:ff9b::a9fe:a9fe", Plain: true, Private: true}},
		"the same by 6to4":           {"http://[2002:a9fe:a9fe::1]/latest", Host{Name: "2002:a9fe:a9fe::1", Plain: true, Private: true}},
	} {
		if _, err := New(Options{Hosts: []Host{c.host}}).Do(t.Context(), calling(t, "GET", c.url, nil, "")); !errors.Is(err, command.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d calls got through", n)
	}
}

func TestWhichAddressesArePublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "101.226.0.1": true, "2400:3200::1": true, "2606:4700::1111": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.31.255.255": false, "192.168.0.1": false, "169.254.169.254": false, "100.127.0.1": false,
		"0.1.2.3": false, "224.0.0.251": false, "255.255.255.255": false, "240.0.0.1": false, "198.19.0.1": false, "192.0.0.170": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "ff02::1": false, "::ffff:8.8.8.8": false, "::7f00:1": false,
		"64:ff9b::808:808": false, "2002:7f00:1::": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public %v", address, got)
		}
	}
}

// A name that stands for a public address when it is looked up first, and for this
// machine the next time, is of no use: the address dialled is what counts.
func TestANameThatChangesItsAddressReachesNothing(t *testing.T) {
	var reached atomic.Int32
	url, _ := local(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	port := url[strings.LastIndexByte(url, ':'):]
	dns := rebinding(t)
	c := New(Options{Hosts: []Host{{Name: "rebind.test" + port, Plain: true}}, Resolver: dns})
	if ips, err := dns.LookupHost(t.Context(), "rebind.test"); err != nil || ips[0] != "8.8.8.8" {
		t.Fatalf("at first the name stands for %v, %v", ips, err)
	}
	_, err := c.Do(t.Context(), calling(t, "GET", "http://rebind.test"+port+"/", nil, ""))
	var refused *AddressError
	if !errors.As(err, &refused) || !strings.HasPrefix(refused.Address, "127.0.0.1:") || reached.Load() != 0 {
		t.Errorf("the call ended %v after %d calls", err, reached.Load())
	}
}

// rebinding is a name server that answers 8.8.8.8 once and 127.0.0.1 from then on.
func rebinding(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = server.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 512)
		address := []byte{8, 8, 8, 8}
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			reply := nameReply(buf[:n], address)
			if isAddressQuery(buf[:n]) {
				address = []byte{127, 0, 0, 1}
			}
			_, _ = server.WriteTo(reply, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// questionEnd is where the question of a query ends.
func questionEnd(query []byte) int {
	i := 12
	for query[i] != 0 {
		i += int(query[i]) + 1
	}
	return i + 5
}

// isAddressQuery says whether a query asks for an IPv4 address.
func isAddressQuery(query []byte) bool { return query[questionEnd(query)-3] == 1 }

// nameReply answers a query for an IPv4 address, and every other with nothing.
func nameReply(query, address []byte) []byte {
	end := questionEnd(query)
	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end]...)
	if isAddressQuery(query) {
		reply[7] = 1
		reply = append(append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), address...)
	}
	return reply
}

func TestAProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	var proxied atomic.Int32
	proxy, _ := local(t, func(http.ResponseWriter, *http.Request) { proxied.Add(1) })
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("HTTPS_PROXY", proxy)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	c := New(Options{Hosts: []Host{{Name: "nowhere.invalid", Plain: true}}})
	if _, err := c.Do(ctx, calling(t, "GET", "http://nowhere.invalid/", nil, "")); !errors.Is(err, command.ErrNotSent) {
		t.Errorf("the call ended %v", err)
	}
	if proxied.Load() != 0 {
		t.Error("the proxy was asked")
	}
}

// A call that may have arrived says so, and is not made again.
func TestACallThatMayHaveArrivedIsNotRepeated(t *testing.T) {
	var calls atomic.Int32
	url, host := local(t, func(http.ResponseWriter, *http.Request) { calls.Add(1); panic(http.ErrAbortHandler) })
	_, err := New(Options{Hosts: []Host{host}}).Do(t.Context(), calling(t, "POST", url, nil, `{}`))
	if err == nil || errors.Is(err, command.ErrNotSent) || errors.Is(err, command.ErrInvalid) || calls.Load() != 1 {
		t.Errorf("the call ended %v after %d calls", err, calls.Load())
	}
}

func TestASecretIsNeverTold(t *testing.T) {
	url, host := local(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	c := New(Options{Hosts: []Host{host}, Secrets: func(string) (string, bool) { return "CANARY\n", true }})
	_, err := c.Do(t.Context(), calling(t, "POST", url, map[string]string{"X-Key": "${crm}"}, ""))
	if err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("the error is %v", err)
	}
	_, err = New(Options{Hosts: []Host{host}}).Do(t.Context(), calling(t, "POST", url, map[string]string{"X-Key": "${crm}"}, ""))
	if !errors.Is(err, command.ErrInvalid) || !strings.Contains(err.Error(), "call.secrets") {
		t.Errorf("without a secret the error is %v", err)
	}
}

func TestAHostThatIsSilentEndsTheCall(t *testing.T) {
	release := make(chan struct{})
	url, host := local(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := New(Options{Hosts: []Host{host}}).Do(ctx, calling(t, "GET", url, nil, "")); err == nil || !strings.Contains(err.Error(), "no answer within") {
		t.Errorf("the call ended %v", err)
	}
}
