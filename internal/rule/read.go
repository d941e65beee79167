package rule

// Read reads the rule files below the paths, and the list files they name. A
// path is a folder or a file. Of folders, *.yaml and *.yml are read, in sorted
// order and with all folders inside; hidden files, *_test.yaml and what editors
// leave behind are not. A file that is there but can't be read becomes a Source
// with its Problem; a path that is not there is an error.
func Read(paths []string) (Sources, error) { return newReader().read(paths) }
