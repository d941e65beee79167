package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"botengine/internal/sim"
)

// The scripts that have a running engine: `sim`, then `engine`, then what a person
// would type in another terminal. `say` lets people speak, `answered` waits for
// answers, `put` saves a file.
func TestEngineScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script/engine",
		UpdateScripts: *update,
		Setup:         scriptEnv,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sim": simCommand, "say": sayCommand, "exits": exitsCommand, "ledger": ledgerCommand,
			"engine": engineCommand, "answered": answeredCommand, "until": untilCommand, "dead": deadCommand, "letter": letterCommand,
		},
	})
}

// engineCommand is `engine [ARG…]`: the program runs with those arguments besides
// `run`, until the script ends. It returns when the engine is connected.
func engineCommand(ts *testscript.TestScript, _ bool, args []string) {
	log, err := os.Create(ts.MkAbs("engine.log"))
	ts.Check(err)
	cmd := exec.Command(os.Args[0], append([]string{"run"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh", "BE_KEY="+sim.DefaultAccessKey, "BE_SECRET="+sim.DefaultAccessSecret)
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	connected, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		follow(stderr, log, connected)
	}()
	ts.Defer(func() { stopEngine(ts, cmd, ended); ts.Check(log.Close()) })
	select {
	case <-connected:
	case <-ended:
		text, _ := os.ReadFile(log.Name())
		ts.Fatalf("the engine ended:\n%s", text)
	case <-time.After(soon):
		ts.Fatalf("the engine does not connect")
	}
}

// follow copies the engine's log and closes connected when it says so.
func follow(from io.Reader, to io.Writer, connected chan struct{}) {
	said := false
	for lines := bufio.NewScanner(from); lines.Scan(); {
		fmt.Fprintln(to, lines.Text())
		if !said && strings.Contains(lines.Text(), "connected to the platform") {
			said = true
			close(connected)
		}
	}
}

// stopEngine ends the engine as systemd would. That it must be killed is a failure.
func stopEngine(ts *testscript.TestScript, cmd *exec.Cmd, ended chan struct{}) {
	_ = cmd.Process.Signal(os.Interrupt) // it may be over already
	select {
	case <-ended:
		_ = cmd.Wait() // how it ended, its log says
	case <-time.After(soon):
		_ = cmd.Process.Kill()
		ts.Fatalf("the engine did not end: %v", cmd.Wait())
	}
}

// answeredCommand is `answered TEXT…`: waits until people saw these texts.
func answeredCommand(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	for _, text := range args {
		_, err := simOf(ts).WaitLedger(ctx, func(all []sim.Entry) bool { return seenIn(all, text) })
		ts.Check(err)
	}
}

// untilCommand is `until REGEXP COMMAND…`: runs the command until its output fits.
func untilCommand(ts *testscript.TestScript, _ bool, args []string) {
	wanted := regexp.MustCompile(args[0])
	for late := time.Now().Add(soon); ; {
		ts.Check(ts.Exec(args[1], args[2:]...))
		switch {
		case wanted.MatchString(ts.ReadFile("stdout")):
			return
		case time.Now().After(late):
			ts.Fatalf("it never says %s", args[0])
		}
	}
}

func seenIn(all []sim.Entry, text string) bool {
	for _, e := range all {
		if e.Text == text {
			return true
		}
	}
	return false
}

// letterCommand is `letter NAME`: sets the variable to the first message id that the
// command before printed.
func letterCommand(ts *testscript.TestScript, _ bool, args []string) {
	id := regexp.MustCompile(`\d{32}`).FindString(ts.ReadFile("stdout"))
	if id == "" {
		ts.Fatalf("no message id was printed")
	}
	ts.Setenv(args[0], id)
}

// deadCommand is `dead SOCKET`: the socket of a process that is no more.
func deadCommand(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	ts.Check(err)
	ts.Check(syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}))
	ts.Check(syscall.Close(fd))
}
