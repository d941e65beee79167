package main

import (
	"path/filepath"
	"slices"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
)

// testFaults are the faults in the tests below the paths: in *_test.yaml, and under
// `tests` in rule files. Without a set nothing is said about what they expect of it.
func testFaults(paths []string, read rule.Sources, set *rule.Set) (found diag.List, err error) {
	sources, err := readTestFiles(paths)
	if err != nil {
		return nil, err
	}
	for _, src := range read {
		if src.HasTests() {
			sources = append(sources, src)
		}
	}
	for _, src := range sources {
		f, faults := ruletest.Read(src)
		found = append(found, faults...)
		if set != nil && !faults.HasErrors() {
			found = append(found, ruletest.Check(set, &f)...)
		}
	}
	return found, nil
}

// withFolders are the paths, with the folder of a file of tests in its place where
// nothing else is named: what it tests is there.
func withFolders(paths []string) []string {
	rules := slices.DeleteFunc(slices.Clone(paths), ruletest.IsTestFile)
	if len(rules) > 0 {
		return rules
	}
	for _, p := range paths {
		rules = append(rules, filepath.Dir(p))
	}
	return rules
}
