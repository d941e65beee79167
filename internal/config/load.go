package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"botengine/internal/diag"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds the configuration file, which a person wrote.
const maxFile = 1 << 20

// MissingError says that there is no configuration file.
type MissingError struct {
	Path string
}

// Error says what is missing and how to start without it.
func (e *MissingError) Error() string { return e.Text().EN }

// Unwrap makes errors.Is(err, fs.ErrNotExist) true.
func (e *MissingError) Unwrap() error { return fs.ErrNotExist }

// Text is what Error says, in both languages.
func (e *MissingError) Text() diag.Text {
	return diag.T(
		"没有配置文件 %[1]s：用 botengine init 新建一个项目，或用 --config 指定别的文件；想先看看效果，运行 botengine demo，不需要任何配置",
		"there is no configuration file %[1]s: begin a project with botengine init, name another with --config, or run botengine demo, which needs none",
		e.Path)
}

// Load reads the configuration at path, with env for variables of the
// environment (os.LookupEnv). It returns every finding at once; with an error
// among them the Config must not be used. The error is about the file itself:
// *MissingError, or that it can't be read.
//
// Relative paths in the file begin at the file's folder.
func Load(path string, env func(string) (string, bool)) (Config, diag.List, error) {
	src, err := read(path)
	if err != nil {
		return Config{}, nil, err
	}
	d := &decoder{file: path, dir: filepath.Dir(path), env: env}
	cfg := d.decode(src)
	if len(src) <= maxFile {
		conceal(src, d.findings)
	}
	return cfg, d.findings.Tidy(), nil
}

// read returns the content of the file, at most one byte too much.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{Path: path}
	}
	if err != nil {
		return nil, fmt.Errorf("open the configuration: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return src, nil
}

// decode turns the text into a Config and findings.
func (d *decoder) decode(src []byte) Config {
	cfg := Default()
	if len(src) > maxFile {
		d.report(diag.At(d.file, diag.Range{}).Error("BE603", diag.T("配置文件超过 1 MiB", "the configuration is larger than 1 MiB")))
		return cfg
	}
	d.findings = append(d.findings, diag.YAMLTraps(d.file, src, parse)...)
	if d.findings.HasErrors() {
		return cfg // what else is wrong would only be a consequence
	}
	docs, err := documents(src)
	if err != nil { // YAMLTraps would have reported it
		d.report(diag.At(d.file, diag.Range{}).Error("BE101", diag.T("YAML 写法有误", "YAML syntax")))
		return cfg
	}
	if len(docs) > 1 {
		d.report(d.at(docs[1]).Error("BE132", diag.T("配置文件里有多个 YAML 文档", "the configuration has several YAML documents")))
		return cfg
	}
	var root *yaml.Node
	if len(docs) == 1 {
		root = docs[0]
	}
	d.config(root, &cfg)
	d.resolve(&cfg)
	return cfg
}

// parse is the YAML parser's opinion of src.
func parse(src []byte) error {
	_, err := documents(src)
	return err
}

// documents returns the contents of the documents in src; an empty file has
// none. The library panics on some malformed input; that is an error here.
func documents(src []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("yaml: %v", v)
		}
	}()
	for decoder := yaml.NewDecoder(bytes.NewReader(src)); ; {
		var doc yaml.Node
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return docs, err
		}
		if len(doc.Content) > 0 {
			docs = append(docs, doc.Content[0])
		}
	}
}

// resolve makes relative paths begin at the folder of the file.
func (d *decoder) resolve(cfg *Config) {
	for i, p := range cfg.Rules {
		cfg.Rules[i] = d.path(p)
	}
	cfg.State.Path = d.path(cfg.State.Path)
}

// path returns p as seen from the working directory.
func (d *decoder) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(d.dir, p)
}
