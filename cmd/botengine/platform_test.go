package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"botengine/internal/sim"
)

// The scripts of the commands that speak with the platform. `sim` in a script
// starts a simulated one of its own, with a botengine.yaml that leads to it.
func TestPlatformScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script/platform",
		UpdateScripts: *update,
		Setup:         scriptEnv,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sim": simCommand, "say": sayCommand, "ledger": ledgerCommand, "status": statusCommand, "received": receivedCommand,
			"exits": exitsCommand,
		},
	})
}

// platforms are the simulated platforms of the scripts that run now.
var platforms sync.Map // *testscript.TestScript -> *sim.Server

func simOf(ts *testscript.TestScript) *sim.Server {
	s, ok := platforms.Load(ts)
	if !ok {
		ts.Fatalf("there is no simulated platform: begin with sim")
	}
	return s.(*sim.Server)
}

// simCommand is `sim [-dedupe] [-crowd] [-answers] [-nobridge] [-old]`: a
// simulated platform and a botengine.yaml. With -old something was said 40 days ago.
func simCommand(ts *testscript.TestScript, _ bool, args []string) {
	o := sim.Options{World: sim.DemoWorld(), Dedupe: slices.Contains(args, "-dedupe")}
	if slices.Contains(args, "-crowd") {
		crowd(o.World)
	}
	ago := &atomic.Int64{}
	o.Clock = func() time.Time { return time.Now().Add(-time.Duration(ago.Load())) }
	s := sim.New(o)
	if slices.Contains(args, "-old") {
		ago.Store(int64(40 * 24 * time.Hour))
		_, err := s.Say("VIP 交流群", "张三", "很久以前")
		ts.Check(err)
		ago.Store(0)
	}
	if slices.Contains(args, "-norename") { // the first time
		s.Faults().AddCommand(sim.CommandFault{Command: "robot.modify.group.name", When: sim.When{Times: 1}, Code: "9001", Msg: "没有权限"})
	}
	if slices.Contains(args, "-risk") { // the first time
		s.Faults().AddCommand(sim.CommandFault{Command: "robot.modify.group.name", When: sim.When{Times: 1}, Code: "9002", Msg: "操作过于频繁，请稍后再试"})
	}
	if slices.Contains(args, "-nobridge") {
		s.Faults().AddHTTP(sim.HTTPFault{Path: "/wxworkapi/bridge", Code: "1", Msg: "unknown type"})
	}
	ts.Check(s.Start("127.0.0.1:0"))
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { ts.Check(s.Run(ctx)) })
	if slices.Contains(args, "-answers") {
		wg.Go(func() { answers(ctx, s) })
	}
	platforms.Store(ts, s)
	ts.Defer(func() { cancel(); wg.Wait(); platforms.Delete(ts) })
	ts.Setenv("SIM", s.URL())
	ts.Setenv("BE_KEY", sim.DefaultAccessKey)
	ts.Setenv("BE_SECRET", sim.DefaultAccessSecret)
	ts.Check(os.WriteFile(ts.MkAbs("botengine.yaml"), []byte(configFor(s)), 0o600))
	ts.Check(os.MkdirAll(ts.MkAbs("rules"), 0o750))
}

func configFor(s *sim.Server) string {
	return fmt.Sprintf(`# 测试用的配置
accounts:
  - name: main # 主账号
    rest_url: %[1]s
    socket_url: %[1]s/imchat
    access_key: ${env:BE_KEY}
    access_secret: ${env:BE_SECRET}

# 规则
rules: [rules/]
`, s.URL())
}

// crowd adds 250 customers, two robots of one name, and a group with the name of
// another and a member whose name would steer a terminal.
func crowd(w *sim.World) {
	for i := range 250 {
		name := fmt.Sprintf("客户%03d", i)
		w.AddPerson(sim.Person{ID: strconv.Itoa(9000 + i), Name: name})
		w.Befriend("小助手", name)
	}
	for _, key := range []string{"robot-1", "robot-2"} {
		w.AddRobot(sim.Robot{Key: key, NickName: "值班"})
	}
	w.AddPerson(sim.Person{ID: "77", Name: "\x1b[31m红\u202e🎉"})
	w.AddGroup(sim.Group{ID: "R:1", Name: "VIP 交流群", Owner: "小助手", Members: []string{"小助手", "77"}})
}

// answers has 李四 answer the robot's first message in the group.
func answers(ctx context.Context, s *sim.Server) {
	if _, err := s.WaitLedger(ctx, sim.AtLeast(1)); err == nil {
		_, _ = s.Say("产品体验群1", "李四", "收到")
	}
}

// sayCommand is `say CHAT PERSON TEXT`: somebody writes. $SAID is the message's id.
func sayCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: say CHAT PERSON TEXT")
	}
	id, err := simOf(ts).Say(args[0], args[1], args[2])
	ts.Check(err)
	ts.Setenv("SAID", id)
}

// statusCommand is `status ROBOT NUMBER`: a robot goes on- or offline.
func statusCommand(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(simOf(ts).SetRobotStatus(args[0], sim.RobotStatus(n)))
}

// ledgerCommand is `[!] ledger KIND TEXT`: what people saw holds that.
func ledgerCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] ledger KIND TEXT")
	}
	all := simOf(ts).Ledger()
	found := slices.ContainsFunc(all, func(e sim.Entry) bool {
		return e.Kind == args[0] && (strings.Contains(e.Text, args[1]) || strings.Contains(fmt.Sprint(e.Fields), args[1]))
	})
	if found == neg {
		ts.Fatalf("the ledger is %+v", all)
	}
}

// receivedCommand is `[!] received TYPE TEXT`: a command whose JSON holds that came.
func receivedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] received TYPE TEXT")
	}
	all := simOf(ts).Commands()
	found := slices.ContainsFunc(all, func(c sim.Received) bool { return c.Type == args[0] && strings.Contains(c.Body, args[1]) })
	if found == neg {
		ts.Fatalf("the commands are %+v", all)
	}
}

// exitsCommand is `exits CODE PROGRAM ARG…`: like exec, and the exit code is that.
func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d (%v), want %s", code, err, args[0])
	}
}
