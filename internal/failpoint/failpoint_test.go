package failpoint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"botengine/internal/failpoint"
)

func TestEachFailpointIsAMomentOfTheRoadAndStandsInTheCodeOnce(t *testing.T) {
	constants := declared(t)
	if len(constants) != len(failpoint.All) {
		t.Errorf("%d failpoints are declared, %d are in the list", len(constants), len(failpoint.All))
	}
	hits := make(map[string][]string)
	for _, file := range sources(t) {
		for _, name := range hitsIn(t, file) {
			hits[name] = append(hits[name], file)
		}
	}
	for _, name := range constants {
		if len(hits[name]) != 1 {
			t.Errorf("failpoint.%s stands in the code %d times %v, want once", name, len(hits[name]), hits[name])
		}
		delete(hits, name)
	}
	for name, files := range hits {
		t.Errorf("%v hits failpoint.%s, which is not declared", files, name)
	}
}

func TestNoTwoFailpointsHaveOneName(t *testing.T) {
	sorted := slices.Sorted(slices.Values(failpoint.All))
	if n := len(slices.Compact(sorted)); n != len(failpoint.All) {
		t.Errorf("%d of %d names are different", n, len(failpoint.All))
	}
}

// steps are the packages of the road, each a row of it: none may be without a moment
// at which it can die.
var steps = []string{"app", "catchup", "dispatch", "intake", "schedule", "state"}

func TestNoStepOfTheRoadIsWithoutAFailpoint(t *testing.T) {
	for _, step := range steps {
		n := 0
		for _, file := range sources(t) {
			if filepath.Base(filepath.Dir(file)) == step {
				n += len(hitsIn(t, file))
			}
		}
		if n == 0 {
			t.Errorf("package %s has no failpoint", step)
		}
	}
}

// declared are the names of the constants of type Name.
func declared(t *testing.T) (names []string) {
	t.Helper()
	ast.Inspect(parse(t, "failpoint.go"), func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Name" {
				names = append(names, spec.Names[0].Name)
			}
		}
		return true
	})
	return names
}

// sources are the files of the program, tests left out.
func sources(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && filepath.Base(filepath.Dir(path)) != "failpoint" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// hitsIn are the failpoints that a file hits.
func hitsIn(t *testing.T, file string) (names []string) {
	t.Helper()
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 || !isFailpoint(call.Fun) {
			return true
		}
		if arg, ok := call.Args[0].(*ast.SelectorExpr); ok {
			names = append(names, arg.Sel.Name)
		} else {
			t.Errorf("%s: a failpoint is hit by something other than its name", file)
		}
		return true
	})
	return names
}

func isFailpoint(f ast.Expr) bool {
	selector, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := selector.X.(*ast.Ident)
	return ok && pkg.Name == "failpoint" && (selector.Sel.Name == "Hit" || selector.Sel.Name == "Err")
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
