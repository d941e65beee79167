package rule_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/rule"
)

// folder writes files below a new folder, makes it the working one and returns
// nothing else: paths in the tests are relative, as users write them.
func folder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Skip("no links here:", err)
	}
}

func read(t *testing.T, paths ...string) (names []string, sources rule.Sources) {
	t.Helper()
	sources, err := rule.Read(paths)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		names = append(names, s.Path)
	}
	return names, sources
}

func TestReadTakesRuleFilesAndLeavesTheRest(t *testing.T) {
	folder(t, map[string]string{
		"rules/b.yaml": "", "rules/a.yml": "", "rules/C.YAML": "", "rules/sub/deep/d.yaml": "",
		"rules/a_test.yaml": "", "rules/.hidden.yaml": "", "rules/.git/x.yaml": "", "rules/.#b.yaml": "", "rules/.b.yaml.swp": "",
		"rules/b.yaml~": "", "rules/b.yaml.swp": "", "rules/4913": "", "rules/b.yaml.bak": "", "rules/notes.txt": "", "rules/#b.yaml#": "",
	})
	names, _ := read(t, "rules/")
	if d := cmp.Diff([]string{"rules/C.YAML", "rules/a.yml", "rules/b.yaml", "rules/sub/deep/d.yaml"}, names); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

func TestReadTakesAFileOnceHoweverOftenItIsNamed(t *testing.T) {
	folder(t, map[string]string{"rules/a.yaml": "", "rules/b.yaml": ""})
	link(t, "a.yaml", "rules/z.yaml")
	link(t, ".", "rules/self")
	names, _ := read(t, "rules", "rules/a.yaml", "./rules")
	if d := cmp.Diff([]string{"rules/a.yaml", "rules/b.yaml"}, names); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

func TestReadLeavesTestsEvenWhereAShellNamesThem(t *testing.T) {
	folder(t, map[string]string{"rules/a.yaml": "", "rules/a_test.yaml": ""})
	names, _ := read(t, "rules/a.yaml", "rules/a_test.yaml")
	if d := cmp.Diff([]string{"rules/a.yaml"}, names); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

func TestReadTakesAMountedConfigMapOnce(t *testing.T) {
	folder(t, map[string]string{
		"rules/..2026_03_02/faq.yaml":        "lists: {w: {file: lists/w.txt}}\n",
		"rules/..2026_03_02/lists/w.txt":     "退款\n",
		"rules/..2026_03_02/team/extra.yaml": "",
	})
	link(t, "..2026_03_02", "rules/..data")
	for _, name := range []string{"faq.yaml", "lists", "team"} {
		link(t, "..data/"+name, "rules/"+name)
	}
	names, sources := read(t, "rules")
	if d := cmp.Diff([]string{"rules/faq.yaml", "rules/lists/w.txt", "rules/team/extra.yaml"}, names); d != "" {
		t.Fatalf("files (-want +got):\n%s", d)
	}
	if string(sources[1].Text) != "退款\n" {
		t.Errorf("the list holds %q: %+v", sources[1].Text, sources[1].Problem)
	}
}

func TestReadSaysWhichPathIsNotThere(t *testing.T) {
	folder(t, map[string]string{"rules/a.yaml": "", "rules/words.txt": ""})
	for _, path := range []string{"ruels", "rules/b.yaml", "rules/words.txt"} {
		if _, err := rule.Read([]string{"rules", path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v does not name it", path, err)
		}
	}
}

func TestAListFileThatCannotBeReadIsAFindingAtItsName(t *testing.T) {
	folder(t, map[string]string{"secret.txt": "x", "rules/a.yaml": "lists:\n  out: {file: out.txt}\n  gone: {file: gone.txt}\n  dir: {file: sub}\n  big: {file: big.txt}\nrules: []\n",
		"rules/sub/x": "", "rules/big.txt": strings.Repeat("退款\n", 200_000)})
	link(t, "../secret.txt", "rules/out.txt")
	_, sources := read(t, "rules")
	set, found := rule.Compile(sources)
	want := []string{"2:15 BE602", "3:16 BE602", "4:15 BE602", "5:15 BE603"}
	if d := cmp.Diff(want, placesOf(found)[:4]); d != "" || set != nil {
		t.Errorf("findings (-want +got):\n%s\n%s", d, printed(t, sources, found))
	}
}

// A library is read in the folder of the file that names it, not where a link in that
// folder leads.
func TestALibraryBehindALinkThatLeadsOutsideIsNotRead(t *testing.T) {
	folder(t, map[string]string{"outside/secret.yaml": "vars: {a: CANARY}\n", "rules/a.yaml": "use: [lib/secret.yaml, ../outside/secret.yaml, /etc/secret.yaml]\nrules: []\n", "rules/b.yaml": "use: [near.yaml]\nrules: []\n", "rules/lib/x.txt": "", "rules/sub/near.yaml": "vars: {a: b}\n"})
	link(t, "../../outside/secret.yaml", "rules/lib/secret.yaml")
	link(t, "sub/near.yaml", "rules/near.yaml")
	dir, err := filepath.Abs("rules")
	if err != nil {
		t.Fatal(err)
	}
	if names, _ := read(t, filepath.Join(dir, "a.yaml")); len(names) != 1 {
		t.Errorf("read %v", names)
	}
	if names, _ := read(t, filepath.Join(dir, "b.yaml")); len(names) != 2 {
		t.Errorf("a link within the folder: read %v", names)
	}
}

func TestAFileThatCannotBeReadIsAFindingThatNamesIt(t *testing.T) {
	folder(t, map[string]string{"rules/ok.yaml": oneRule("on: message.text\nmatch: {any: [退款]}"), "rules/large.yaml": "# " + strings.Repeat("退款", 200_000)})
	if err := syscall.Mkfifo("rules/pipe.yaml", 0o644); err != nil {
		t.Skip("no pipes here:", err)
	}
	names, sources := read(t, "rules")
	set, found := rule.Compile(sources)
	if len(names) != 3 || set != nil || len(found) != 2 || found[0].File != "rules/large.yaml" || found[0].Code != "BE603" || found[1].File != "rules/pipe.yaml" || found[1].Code != "BE601" {
		t.Errorf("read %v, found %+v", names, found)
	}
}

func TestAFileWithoutPermissionIsAFinding(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	folder(t, map[string]string{"rules/a.yaml": ""})
	if err := os.Chmod("rules/a.yaml", 0); err != nil {
		t.Fatal(err)
	}
	_, sources := read(t, "rules")
	if _, found := rule.Compile(sources); len(found) != 1 || found[0].Code != "BE601" {
		t.Errorf("found %+v", found)
	}
}

func TestAListHasOneEntryALine(t *testing.T) {
	set, found := rule.Compile(rule.Sources{
		{Path: "rules/a.yaml", Text: []byte("lists: {w: {file: lists/w.txt}}\n" + oneRule("on: message.text\nwhen: text in lists.w"))},
		{Path: "rules/lists/w.txt", Text: []byte("\ufeff# 词\r\n 退款 \r\n\r\n\t# 空\r\n价格#1\r\n1688850285583026  # 张三\r\n")},
	})
	if set == nil {
		t.Fatalf("findings: %+v", found)
	}
	for text, want := range map[string]bool{"退款": true, "价格#1": true, "1688850285583026": true, "# 词": false, "": false, "张三": false} {
		ev := groupText(text)
		if got := len(set.Match(&ev, noon, false)) == 1; got != want {
			t.Errorf("%q in the list: %v", text, got)
		}
	}
}
