package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/config"
	"botengine/internal/sim"

	"github.com/google/go-cmp/cmp"
)

const customersPath = "/wxworkapi/external/user/list"

// secondPage stands before a simulated platform of 253 customers and answers the
// second page of them itself.
func secondPage(t *testing.T, answer http.HandlerFunc) (dir string) {
	t.Helper()
	world := sim.DemoWorld()
	crowd(world)
	s := sim.Launch(t, sim.Options{World: world})
	target, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	var pages atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == customersPath && pages.Add(1) == 2 {
			answer(w, r)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	dir = t.TempDir()
	text := strings.ReplaceAll(configFor(s), s.URL(), front.URL)
	if err := os.WriteFile(filepath.Join(dir, "botengine.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "rules"), 0o750); err != nil {
		t.Fatal(err)
	}
	return dir
}

// listCustomers is the real program listing customers.
func listCustomers(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "customers", "--robot", "小助手", "-o", "json")
	cmd.Env = append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh", "BE_KEY="+sim.DefaultAccessKey, "BE_SECRET="+sim.DefaultAccessSecret)
	return cmd
}

// expectFirstPage runs the program, with during while it runs, and wants the first
// page, called incomplete, and exit code 2.
func expectFirstPage(t *testing.T, cmd *exec.Cmd, during func(), words string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	during()
	_ = cmd.Wait() // the exit code tells
	if code := cmd.ProcessState.ExitCode(); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	var list struct {
		Customers []json.RawMessage `json:"customers"`
		Complete  bool              `json:"complete"`
	}
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if len(list.Customers) != 100 || list.Complete {
		t.Errorf("%d customers, complete: %v", len(list.Customers), list.Complete)
	}
	if !strings.Contains(errs.String(), words) {
		t.Errorf("it says %s, want %s", errs.String(), words)
	}
}

func TestCtrlCEndsAWalkWithWhatWasFetched(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	cmd := listCustomers(t)
	cmd.Dir = secondPage(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the client left
		close(asked)
		select {
		case <-r.Context().Done():
		case <-time.After(soon):
			t.Error("the program did not end")
		}
	})
	expectFirstPage(t, cmd, func() {
		select {
		case <-asked:
		case <-time.After(soon):
			t.Error("the second page was not asked for")
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
	}, "只读到 100 条：已中断")
}

func TestAPageThatFailsEndsAWalkWithWhatWasFetched(t *testing.T) {
	t.Parallel()
	cmd := listCustomers(t)
	cmd.Dir = secondPage(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"code":"7","msg":"不行"}`)
	})
	expectFirstPage(t, cmd, func() {}, "只读到 100 条：平台拒绝了（code 7：不行）")
}

func TestTagsAreFoundInWhateverShapeTheyCome(t *testing.T) {
	for name, c := range map[string]struct {
		payload string
		want    []tag
	}{
		"groups with tags in them, ids as numbers above 2^53": {
			`{"type":"robot.tags.sync","x":[{"labelId":14073751306622333,"name":"售后","isGroupLabel":1,"subLabelList":[{"labelId":14073751575621261,"name":"退款","groupName":"售后","isCorpLabel":1}]}]}`,
			[]tag{{"14073751575621261", "退款", "售后", true}},
		},
		"tags without a group": {
			`{"labels":[{"labelId":"5","name":"散"}]}`, []tag{{"5", "散", "", false}},
		},
		"a group without tags is none": {`{"l":[{"labelId":1,"name":"空","isGroupLabel":1,"subLabelList":[]}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := readTags([]byte(c.payload))
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(tag{})); !ok || diff != "" {
				t.Error(ok, diff)
			}
		})
	}
	for _, payload := range []string{"", "[]", `{"code":"0"}`, `{"contacts":[{"userId":1}]}`} {
		if _, ok := readTags([]byte(payload)); ok {
			t.Errorf("%s holds tags", payload)
		}
	}
}

func TestALimitOfThePlatformIsToldFromAChatThatHoldsNoMore(t *testing.T) {
	b := &prober{p: &access{c: &cli{langFlag: "en"}}}
	for name, c := range map[string]struct {
		asked, got int
		more       bool
		before     int
		words      string
		learnt     int
	}{
		"all that were asked for came":  {1000, 1000, true, 0, "at least 1000", 1000},
		"fewer came, and there is more": {1000, 200, true, 500, "200", 200},
		"fewer came, and that was all":  {1000, 30, false, 100, "at least 30", 100},
		"there was nothing":             {1000, 0, false, 100, "", 100},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.countAnswer(c.asked, c.got, c.more, "")
			facts := config.Facts{HistoryCount: c.before}
			if a.learn != nil {
				a.learn(&facts)
			}
			if a.words != c.words || facts.HistoryCount != c.learnt {
				t.Errorf("%q, learnt %d", a.words, facts.HistoryCount)
			}
		})
	}
}
