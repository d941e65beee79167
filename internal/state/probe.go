package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A check in a child process protects the engine from what bbolt does with a damaged
// file. The child is the program itself: it answers in JSON, by Answer.

// verdict is what the child says, in one line.
type verdict struct {
	Checked Checked `json:"checked"`
	Damaged string  `json:"damaged,omitempty"`
	Foreign bool    `json:"foreign,omitempty"`
	InUse   *int    `json:"in_use,omitempty"` // the owner's pid, 0 = not known
	Missing bool    `json:"missing,omitempty"`
	Failed  string  `json:"failed,omitempty"`
}

// The bounds of a child: memory, and time for a file of no size and for each MiB.
const (
	probeMemory   = 1 << 30
	probePatience = time.Minute
	probePerMiB   = 500 * time.Millisecond // a disk with 500 reads a second, if all pages lie apart
)

// Answer checks the file at path in this process, which does nothing else and ends
// afterwards, and writes what it finds to out, for Probe to read.
func Answer(out io.Writer, path string, o CheckOptions) error {
	limitMemory(probeMemory)
	c, err := Check(path, o)
	a := verdict{Checked: c}
	var (
		damaged *DamagedError
		foreign *ForeignError
		inUse   *InUseError
	)
	switch {
	case err == nil:
	case errors.As(err, &damaged):
		a.Damaged = damaged.Why.Error()
	case errors.As(err, &foreign):
		a.Foreign = true
	case errors.As(err, &inUse):
		a.InUse = &inUse.PID
	case errors.Is(err, fs.ErrNotExist):
		a.Missing = true
	default:
		a.Failed = err.Error()
	}
	return json.NewEncoder(out).Encode(a)
}

// Probe is Check in a child process, which command starts: this program with the
// arguments that lead it to Answer, to which the path is added. A child that dies on the file says that it is
// damaged. Where none can be started, the file is checked here.
func Probe(ctx context.Context, path string, command []string, o CheckOptions) (Checked, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Checked{}, fmt.Errorf("look at state file %s: %w", path, err)
	}
	patience := probePatience + time.Duration(info.Size()>>20)*probePerMiB
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], append(slices.Clone(command[1:]), path)...) //nolint:gosec // it is ourselves
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err = runBound(cmd)
	var a verdict
	switch said := json.Unmarshal(out.Bytes(), &a); {
	case said == nil:
		return a.read(path)
	case ctx.Err() != nil:
		return Checked{}, fmt.Errorf("check state file %s: it was not done within %v: %w", path, patience, ctx.Err())
	case diedOfIt(err, talk.Bytes()):
		return Checked{}, &DamagedError{path, fmt.Errorf("reading it ends the program: %s", firstLine(talk.Bytes()))}
	default: // it was not started, or somebody ended it
		return Check(path, o)
	}
}

func (a *verdict) read(path string) (Checked, error) {
	switch {
	case a.Damaged != "":
		return a.Checked, &DamagedError{path, errors.New(a.Damaged)}
	case a.Foreign:
		return a.Checked, &ForeignError{path}
	case a.InUse != nil:
		return a.Checked, &InUseError{Path: path, PID: *a.InUse}
	case a.Missing:
		return a.Checked, fmt.Errorf("check state file %s: %w", path, fs.ErrNotExist)
	case a.Failed != "":
		return a.Checked, errors.New(a.Failed)
	default:
		return a.Checked, nil
	}
}

// deaths are what Go programs say that end on what they read: on a panic, on memory that
// is not there, on a tree that never ends. They say other things for want of memory,
// threads or open files, and that is not the file's fault.
var deaths = [][]byte{
	[]byte("panic: "), []byte("fatal error: fault"), []byte("fatal error: unexpected signal"), []byte("fatal error: stack overflow"),
}

// diedOfIt says whether a child ended because of what it read.
func diedOfIt(err error, talk []byte) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && exit.ExitCode() == 2 && !bytes.Contains(talk, []byte("out of memory")) &&
		slices.ContainsFunc(deaths, func(said []byte) bool { return bytes.Contains(talk, said) })
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line[:min(len(line), 200)]
}
