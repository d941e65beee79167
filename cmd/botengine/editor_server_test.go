package main

import (
	"bufio"
	_ "embed" // what npm is told to install
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"botengine/internal/npm"
)

//go:embed testdata/npm/package.json
var editorManifest []byte

//go:embed testdata/npm/package-lock.json
var editorLock []byte

var editorPackages = npm.New(editorManifest, editorLock)

// editorPatience bounds every wait for the language server.
const editorPatience = 2 * time.Minute

// editor is yaml-language-server with somebody who types. Its methods are for one
// goroutine, the test's.
type editor struct {
	t    *testing.T
	root string // the folder of the project
	next int

	writing  sync.Mutex // guards in
	in       io.WriteCloser
	settings map[string]any // by section; the server asks for them

	mu      sync.Mutex // guards what the reader fills
	changed *sync.Cond
	answers map[int]json.RawMessage
	found   map[string][]diagnostic // by document
	ended   error
}

// diagnostic is one finding of the server's.
type diagnostic struct {
	Range struct {
		Start struct{ Line, Character int }
	}
	Message string
}

// message is one message of the language server protocol.
type message struct {
	ID     *int            `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

// startEditor starts the server for the project at root.
func startEditor(t *testing.T, root string, settings map[string]any) *editor {
	t.Helper()
	packages := editorPackages.Require(t)
	cmd := exec.Command("node", filepath.Join(packages, "node_modules", "yaml-language-server", "bin", "yaml-language-server"), "--stdio")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, root: root, in: in, settings: settings, answers: map[int]json.RawMessage{}, found: map[string][]diagnostic{}}
	e.changed = sync.NewCond(&e.mu)
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.listen(bufio.NewReader(out))
	}()
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait()
	})
	e.ask("initialize", map[string]any{
		"processId": nil, "rootUri": fileURI(root),
		"capabilities": map[string]any{"workspace": map[string]any{"configuration": true}, "textDocument": map[string]any{
			"completion":         map[string]any{"completionItem": map[string]any{"snippetSupport": true, "documentationFormat": []string{"markdown"}}},
			"hover":              map[string]any{"contentFormat": []string{"markdown"}},
			"publishDiagnostics": map[string]any{},
		}},
	}, nil)
	e.tell("initialized", struct{}{})
	e.tell("workspace/didChangeConfiguration", map[string]any{"settings": settings})
	const probe = "rules/probe.yaml"
	e.open(probe, "nobody-knows-this-key: 1\n") // once it is found, the server has the schemas
	e.wait("the schemas", func() bool { return len(e.found[fileURI(filepath.Join(root, probe))]) > 0 })
	return e
}

func fileURI(path string) string { return "file://" + filepath.ToSlash(path) }

// listen takes in what the server says until it ends.
func (e *editor) listen(r *bufio.Reader) {
	for {
		m, err := readMessage(r)
		e.mu.Lock()
		switch {
		case err != nil:
			e.ended = err
		case m.Method == "textDocument/publishDiagnostics":
			var p struct {
				URI         string
				Diagnostics []diagnostic
			}
			if err := json.Unmarshal(m.Params, &p); err != nil {
				e.ended = err
			}
			e.found[p.URI] = p.Diagnostics
		case m.ID != nil && m.Method != "":
			go e.answer(m)
		case m.ID != nil && m.Method == "":
			if m.Error != nil {
				m.Result = m.Error
			}
			e.answers[*m.ID] = m.Result
		}
		ended := e.ended
		e.changed.Broadcast()
		e.mu.Unlock()
		if ended != nil {
			return
		}
	}
}

// answer tells the server what it asks for: the settings, and nothing else.
func (e *editor) answer(m message) {
	var asked struct{ Items []struct{ Section string } }
	result := []any{}
	if m.Method == "workspace/configuration" && json.Unmarshal(m.Params, &asked) == nil {
		for _, item := range asked.Items {
			result = append(result, e.settings[item.Section])
		}
	}
	if err := e.write(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": result}); err != nil {
		e.mu.Lock()
		e.ended = err
		e.changed.Broadcast()
		e.mu.Unlock()
	}
}

func readMessage(r *bufio.Reader) (m message, err error) {
	head, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return m, fmt.Errorf("the server's head: %w", err)
	}
	length, err := strconv.Atoi(head.Get("Content-Length"))
	if err != nil {
		return m, fmt.Errorf("the server's length: %w", err)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return m, fmt.Errorf("the server's message: %w", err)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("the server's message: %w", err)
	}
	return m, nil
}

func (e *editor) send(m map[string]any) {
	e.t.Helper()
	m["jsonrpc"] = "2.0"
	if err := e.write(m); err != nil {
		e.t.Fatal(err)
	}
}

// write sends one message. Any goroutine may.
func (e *editor) write(m map[string]any) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write to the server: %w", err)
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	if _, err := fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		return fmt.Errorf("write to the server: %w", err)
	}
	return nil
}

func (e *editor) tell(method string, params any) {
	e.t.Helper()
	e.send(map[string]any{"method": method, "params": params})
}

// ask waits for the answer, into result unless that is nil.
func (e *editor) ask(method string, params, result any) {
	e.t.Helper()
	e.next++
	id := e.next
	e.send(map[string]any{"id": id, "method": method, "params": params})
	e.wait(method, func() bool { _, ok := e.answers[id]; return ok })
	e.mu.Lock()
	raw := e.answers[id]
	e.mu.Unlock()
	if result == nil {
		return
	}
	if err := json.Unmarshal(raw, result); err != nil {
		e.t.Fatalf("%s: %v: %s", method, err, raw)
	}
}

// wait waits until something is so.
func (e *editor) wait(what string, so func() bool) {
	e.t.Helper()
	late := false
	timer := time.AfterFunc(editorPatience, func() {
		e.mu.Lock()
		late = true
		e.changed.Broadcast()
		e.mu.Unlock()
	})
	defer timer.Stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	for !so() {
		if late || e.ended != nil {
			e.t.Fatalf("%s: no answer: %v", what, e.ended)
		}
		e.changed.Wait()
	}
}

// open opens a document of the project; what is found in it comes later.
func (e *editor) open(name, text string) {
	e.t.Helper()
	e.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": fileURI(filepath.Join(e.root, name)), "languageId": "yaml", "version": 1, "text": text,
	}})
}

// findings are those of an opened document.
func (e *editor) findings(name string) []diagnostic {
	e.t.Helper()
	uri := fileURI(filepath.Join(e.root, name))
	e.wait("the findings in "+name, func() bool { _, ok := e.found[uri]; return ok })
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.found[uri]
}

// offer is something that the editor offers to write.
type offer struct {
	Label         string
	InsertText    string
	Documentation any
}

// complete returns what is offered at a place of an opened document, from 0 on.
func (e *editor) complete(name string, line, character int) map[string]offer {
	e.t.Helper()
	var list struct{ Items []offer }
	e.ask("textDocument/completion", e.at(name, line, character), &list)
	out := map[string]offer{}
	for _, o := range list.Items {
		out[o.Label] = o
	}
	return out
}

// hover returns what is said of a place of an opened document.
func (e *editor) hover(name string, line, character int) string {
	e.t.Helper()
	var answer struct{ Contents struct{ Value string } }
	e.ask("textDocument/hover", e.at(name, line, character), &answer)
	return answer.Contents.Value
}

func (e *editor) at(name string, line, character int) map[string]any {
	return map[string]any{
		"textDocument": map[string]any{"uri": fileURI(filepath.Join(e.root, name))},
		"position":     map[string]any{"line": line, "character": character},
	}
}
