package rule

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// Read reads the rule files below the paths, and the list files they name. A
// path is a folder or a file. Of folders, *.yaml and *.yml are read, in sorted
// order and with all folders inside; hidden files, *_test.yaml and what editors
// leave behind are not. Links are followed, and a file that can be reached in
// several ways is read once. A file that is there but can't be read becomes a
// Source with its Problem; a path that is not there is an error.
func Read(paths []string) (Sources, error) { return new(Reader).Read(paths) }

// Reader reads the files again and again, and looks into those only that changed.
// The zero Reader is ready; one goroutine may use it at a time.
type Reader struct {
	named map[string]namedFiles // by the path of the rule file
}

// namedFiles are the files that a rule file of that text names.
type namedFiles struct {
	text  []byte
	names []string // list files
	use   []string // libraries
}

// Read is like the function of that name.
func (rd *Reader) Read(paths []string) (Sources, error) {
	r := reader{seen: map[string]bool{}, lists: map[string]bool{}, before: rd.named, named: map[string]namedFiles{}}
	defer func() { rd.named = r.named }()
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			return nil, fmt.Errorf("read rules: %w", err)
		case info.IsDir():
			err = r.folder(filepath.Clean(p))
		case isRuleFile(p) && isTestFile(p):
			continue // named by a shell's `rules/*`
		case !isRuleFile(p):
			err = fmt.Errorf("read rules: %s is neither a folder nor a *.yaml file", p)
		default:
			err = r.file(filepath.Clean(p))
		}
		if err != nil {
			return nil, err
		}
	}
	return r.sources.sorted(), nil
}

// reader gathers sources.
type reader struct {
	sources Sources
	seen    map[string]bool // folders and files by their real path
	lists   map[string]bool // list files by the path they are known by

	before, named map[string]namedFiles // what the last Read found, and this one
}

// firstSight says whether nothing of that real path was read before.
func (r *reader) firstSight(name string) bool {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		target = name
	}
	if abs, err := filepath.Abs(target); err == nil {
		target = abs
	}
	if r.seen[target] {
		return false
	}
	r.seen[target] = true
	return true
}

// folder reads what lies in a folder.
func (r *reader) folder(dir string) error {
	if !r.firstSight(dir) {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read rules: %w", err)
	}
	for _, e := range entries {
		if err := r.entry(filepath.Join(dir, e.Name()), e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// entry reads one entry of a folder, if it is a folder or a rule file.
func (r *reader) entry(full, name string) error {
	if strings.HasPrefix(name, ".") {
		return nil
	}
	info, err := os.Stat(full) // follows links
	switch {
	case err == nil && info.IsDir():
		return r.folder(full)
	case !isRuleFile(name) || isTestFile(name) || errors.Is(err, fs.ErrNotExist):
		return nil // not ours, or gone by now
	}
	return r.file(full)
}

// isTestFile says whether the file holds tests of rules.
func isTestFile(name string) bool {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	return strings.HasSuffix(stem, "_test")
}

// file reads a rule file and the list files it names.
func (r *reader) file(name string) error {
	if !r.firstSight(name) {
		return nil
	}
	src := Source{Path: filepath.ToSlash(name)}
	src.Text, src.Problem = readSmall(func() (file, error) { return os.OpenFile(name, openFlags, 0) })
	r.sources = append(r.sources, src)
	of := r.namedBy(src)
	if err := r.libraries(name, of.use); err != nil {
		return err
	}
	named := of.names
	if len(named) == 0 {
		return nil
	}
	dir, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return fmt.Errorf("read rules: %w", err)
	}
	defer func() { _ = dir.Close() }()
	for _, list := range named {
		full, ok := listPath(src.Path, list)
		if !ok || r.lists[full] {
			continue
		}
		r.lists[full] = true
		src := Source{Path: full}
		src.Text, src.Problem = readSmall(func() (file, error) { return dir.OpenFile(filepath.FromSlash(list), openFlags, 0) })
		r.sources = append(r.sources, src)
	}
	return nil
}

// openFlags keep a pipe that lies among the rules from blocking for ever.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

// file is what readSmall needs of an open file.
type file interface {
	io.ReadCloser
	Stat() (fs.FileInfo, error)
}

// readSmall reads an ordinary file, or says why not. It stops behind the largest
// size that Compile takes.
func readSmall(open func() (file, error)) ([]byte, diag.Text) {
	f, err := open()
	if err != nil {
		return nil, problemOf(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, problemOf(err)
	}
	if !info.Mode().IsRegular() {
		return nil, diag.T("不是普通文件", "not an ordinary file")
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, problemOf(err)
	}
	return text, diag.Text{}
}

// problemOf says in words why a file can't be read.
func problemOf(err error) diag.Text {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return diag.T("文件不存在", "the file does not exist")
	case errors.Is(err, fs.ErrPermission):
		return diag.T("没有读取权限", "permission denied")
	case strings.Contains(err.Error(), "escapes"):
		return diag.T("跑到了规则文件的文件夹外面", "it lies outside of the rule file's folder")
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return diag.T("%v", "%v", err)
}

// libraries reads the libraries that a file names, as far as they lie in its folder
// or, when its path is a relative one, below the working directory: a rule file that
// is checked by itself has them, too. Of a folder they are read anyway.
func (r *reader) libraries(file string, names []string) error {
	for _, name := range names {
		full := filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
		if !isRuleFile(full) || !isInside(filepath.Dir(file), name, full) {
			continue // for Compile to say
		}
		if err := r.file(full); err != nil {
			return err
		}
	}
	return nil
}

// isInside says whether a library is a file in the folder of the file that names it
// or, when its path is a relative one, below the working directory: not by a link
// that leads elsewhere, either.
func isInside(dir, name, full string) bool {
	if local := filepath.FromSlash(name); filepath.IsLocal(local) {
		return isFileIn(dir, local)
	}
	return filepath.IsLocal(full) && isFileIn(".", full)
}

func isFileIn(dir, name string) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer func() { _ = root.Close() }() // only looked into
	info, err := root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// namedBy returns what a rule file names; its text may have been looked into before.
func (r *reader) namedBy(src Source) namedFiles {
	known, ok := r.before[src.Path]
	if !ok || !bytes.Equal(known.text, src.Text) {
		known = namedFiles{text: src.Text, names: listsOf(src), use: usesOf(src)}
	}
	r.named[src.Path] = known
	return known
}

// usesOf returns the libraries that a rule file names.
func usesOf(src Source) []string {
	if len(src.Text) > maxFile || !bytes.Contains(src.Text, []byte("use:")) {
		return nil
	}
	docs, err := parseYAML(src.Text)
	if err != nil || len(docs) == 0 {
		return nil
	}
	var out []string
	switch n := valueOf(docs[0], "use"); {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		out = append(out, n.Value)
	default:
		for _, c := range n.Content {
			out = append(out, c.Value)
		}
	}
	return out
}

// listsOf returns the list files that a rule file names. Whatever else is wrong
// in it is for Compile to say.
func listsOf(src Source) []string {
	if len(src.Text) > maxFile || !bytes.Contains(src.Text, []byte("file")) {
		return nil
	}
	docs, err := parseYAML(src.Text)
	if err != nil || len(docs) == 0 {
		return nil
	}
	var out []string
	for _, section := range []string{"lists", "labels"} {
		for _, list := range valuesOf(valueOf(docs[0], section)) {
			if n := valueOf(list, "file"); n != nil && n.Kind == yaml.ScalarNode {
				out = append(out, n.Value)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// valueOf returns what stands under the key, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// valuesOf returns all values of a mapping.
func valuesOf(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	if n != nil && n.Kind == yaml.MappingNode {
		for i := 1; i < len(n.Content); i += 2 {
			out = append(out, n.Content[i])
		}
	}
	return out
}
