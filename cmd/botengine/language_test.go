package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// verb is a place for a value in a format, with the number of the value if it is
// given.
var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+#0-9.]*([a-zA-Z%])`)

// verbs are what a format does with its values, by their numbers.
func verbs(format string) map[int]string {
	all := map[int]string{}
	next := 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		all[next] = m[2]
		next++
	}
	return all
}

// The compiler cannot see that a text takes the same values in both languages.
func TestBothLanguagesTakeTheSameValues(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			zh, en, ok := bothLanguages(n)
			if ok {
				seen++
				if diff := cmp.Diff(verbs(zh), verbs(en)); diff != "" {
					t.Errorf("%s: %q and %q: %s", fset.Position(n.Pos()), zh, en, diff)
				}
			}
			return true
		})
	}
	if seen < 100 {
		t.Errorf("only %d texts were found", seen)
	}
}

// bothLanguages are the two literals of a call of say or diag.T.
func bothLanguages(n ast.Node) (zh, en string, ok bool) {
	call, isCall := n.(*ast.CallExpr)
	if !isCall || len(call.Args) < 2 {
		return "", "", false
	}
	fun, isSelector := call.Fun.(*ast.SelectorExpr)
	if !isSelector || fun.Sel.Name != "say" && fun.Sel.Name != "T" {
		return "", "", false
	}
	first, isFirst := call.Args[0].(*ast.BasicLit)
	second, isSecond := call.Args[1].(*ast.BasicLit)
	if !isFirst || !isSecond {
		return "", "", false
	}
	zh, errZH := strconv.Unquote(first.Value)
	en, errEN := strconv.Unquote(second.Value)
	return zh, en, errZH == nil && errEN == nil
}
