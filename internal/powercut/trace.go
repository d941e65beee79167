package powercut

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Kind is what an operation does to the file.
type Kind int

// The operations that matter to what is on the disk.
const (
	Write    Kind = iota // Data at Offset
	Truncate             // the file is Offset bytes long from here on
	Sync                 // all that came before is on the disk
	Say                  // the program has told its caller Data
)

// Op is one operation, in the order in which the calls returned.
type Op struct {
	Kind   Kind
	Offset int64
	Data   []byte
}

// StraceArgs are the arguments with which strace writes to the file out what Read
// understands; the command follows them.
func StraceArgs(out string) []string {
	return []string{
		"-f", "--seccomp-bpf", "-y", "-xx", "-s", "16777216", "-o", out,
		"-e", "trace=pwrite64,write,ftruncate,fsync,fdatasync", "--",
	}
}

// Read returns what was done to the file at path, and what the program said on its
// standard output.
func Read(trace io.Reader, path string) ([]Op, error) {
	lines := bufio.NewScanner(trace)
	lines.Buffer(make([]byte, 1<<20), 1<<27)
	r := reader{path: path, open: make(map[string]string)}
	for lines.Scan() {
		if err := r.line(lines.Text()); err != nil {
			return nil, err
		}
	}
	return r.ops, lines.Err()
}

type reader struct {
	path string
	open map[string]string // arguments of the call that a thread has begun
	ops  []Op
}

// line reads a call as strace prints it: `pid name(args) = result`, or cut in two by
// the call of another thread: `pid name(args <unfinished ...>` and later
// `pid <... name resumed>args) = result`. The lines are long: no regex here.
func (r *reader) line(line string) error {
	thread, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimLeft(rest, " ")
	if again, ok := strings.CutPrefix(rest, "<... "); ok {
		name, tail, _ := strings.Cut(again, " resumed>")
		rest = name + "(" + r.open[thread] + tail
		delete(r.open, thread)
	}
	name, rest, ok := strings.Cut(rest, "(")
	if !ok {
		return nil // a signal, an exit
	}
	if args, ok := strings.CutSuffix(rest, " <unfinished ...>"); ok {
		r.open[thread] = args
		return nil
	}
	end := strings.LastIndex(rest, ") ")
	if end < 0 {
		return nil
	}
	result, _, _ := strings.Cut(strings.TrimLeft(rest[end+1:], " ="), " ")
	return r.call(name, rest[:end], result)
}

// call notes a call that has returned; one that failed did nothing.
func (r *reader) call(name, args, result string) error {
	descriptor, rest, named := strings.Cut(args, "<")
	where, rest, _ := strings.Cut(rest, ">")
	if !named || strings.HasPrefix(result, "-") {
		return nil
	}
	rest = strings.TrimPrefix(rest, ", ")
	file, err := unescape(where)
	if err != nil {
		return err
	}
	switch {
	case name == "write" && descriptor == "1":
		return r.data(Say, rest, result)
	case string(file) != r.path:
		return nil
	case name == "fsync", name == "fdatasync":
		r.ops = append(r.ops, Op{Kind: Sync})
		return nil
	case name == "ftruncate":
		size, err := strconv.ParseInt(rest, 10, 64)
		r.ops = append(r.ops, Op{Kind: Truncate, Offset: size})
		return err
	}
	return r.data(Write, rest, result)
}

// data notes a call with a buffer: "\x..", length[, offset].
func (r *reader) data(kind Kind, args, result string) error {
	parts := strings.Split(args, ", ")
	if len(parts) < 2 || len(parts[0]) < 2 {
		return fmt.Errorf("not the arguments of a write: %.80s", args)
	}
	data, err := unescape(strings.Trim(parts[0], `"`))
	if err != nil {
		return err
	}
	if strconv.Itoa(len(data)) != result {
		return fmt.Errorf("a write of %s bytes shows %d", result, len(data))
	}
	op := Op{Kind: kind, Data: data}
	if len(parts) > 2 {
		if op.Offset, err = strconv.ParseInt(parts[2], 10, 64); err != nil {
			return fmt.Errorf("the offset of a write: %w", err)
		}
	}
	r.ops = append(r.ops, op)
	return nil
}

// unescape turns the \x.. of strace's -xx into bytes; what is written plainly stays.
func unescape(s string) ([]byte, error) {
	if !strings.Contains(s, `\x`) {
		return []byte(s), nil
	}
	data, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		return nil, fmt.Errorf("read a string of the trace: %w", err)
	}
	return data, nil
}
