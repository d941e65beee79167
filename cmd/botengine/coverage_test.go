package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"botengine/internal/actions"
)

func TestGeneratedPlatformPage(t *testing.T) { freshPage(t, "platform.md", writeCoverage) }

// Every § that the protocol page describes has a row.
func TestThePlatformPageIsComplete(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, c := range coverage() {
		if rows[c.section] {
			t.Errorf("%s has two rows", c.section)
		}
		rows[c.section] = true
	}
	described := regexp.MustCompile(`(?m)^\| ([23]\.\d+) \||§(3\.\d+)`)
	found := described.FindAllStringSubmatch(string(page), -1)
	if len(found) < 30 {
		t.Fatalf("only %d sections found in the protocol page", len(found))
	}
	for _, m := range found {
		if section := "§" + m[1] + m[2]; !rows[section] {
			t.Errorf("%s is described and has no row", section)
		}
	}
}

// Whatever the table names exists: functions and methods, steps, commands, tests.
func TestThePlatformPageNamesWhatThereIs(t *testing.T) {
	folders := map[string]string{"rest": "../../internal/yjiyun/rest", "yjiyun": "../../internal/yjiyun"}
	declared := map[string]bool{}
	for pkg, dir := range folders {
		declare(t, declared, pkg, dir)
	}
	c := &cli{out: io.Discard, err: io.Discard, env: func(string) (string, bool) { return "", false }}
	root := c.root()
	for _, row := range coverage() {
		for _, name := range append(row.names, row.test) {
			if !declared[name] {
				t.Errorf("%s: there is no %s", row.section, name)
			}
		}
		if row.command != "" {
			if cmd, rest, err := root.Find(strings.Fields(row.command)); err != nil || cmd == root || len(rest) > 0 {
				t.Errorf("%s: there is no command %s", row.section, row.command)
			}
		}
		for _, step := range stepsOf(row.section) {
			if _, ok := actions.ByName(step); !ok {
				t.Errorf("%s: there is no step %s", row.section, step)
			}
		}
	}
}

// declare notes the functions and methods of a folder's Go files.
func declare(t *testing.T, declared map[string]bool, pkg, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s (%v)", dir, err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := pkg + "."
			if f.Recv != nil {
				name += receiver(f.Recv.List[0].Type) + "."
			}
			declared[name+f.Name.Name] = true
		}
	}
}

func receiver(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
