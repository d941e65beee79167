package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// maxReferenced bounds a file that a setting refers to.
const maxReferenced = 64 << 10

// Why a file that a setting refers to is not read.
var (
	errLarge   = errors.New("larger than 64 KiB")
	errNotFile = errors.New("not a regular file")
)

// expand replaces the references in a value: ${env:NAME}, ${file:/path} and
// ${cred:NAME}; $${ stands for ${ itself. What comes in is not looked at again.
func (d *decoder) expand(n *yaml.Node) (string, bool) {
	var out strings.Builder
	ok := true
	for rest := n.Value; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			out.WriteString(rest)
			break
		}
		if literal, escaped := strings.CutSuffix(before, "$"); escaped {
			out.WriteString(literal + "${")
			rest = after
			continue
		}
		out.WriteString(before)
		at := len(n.Value) - len(after) - len("${")
		name, next, closed := strings.Cut(after, "}")
		if !closed {
			d.report(d.within(n, at, len("${")).Error("BE516", diag.T("`${` 没有结束的 `}`", "`${` has no closing `}`")))
			return "", false
		}
		value, good := d.lookUp(d.within(n, at, len("${"+name+"}")), name)
		ok = ok && good
		out.WriteString(value)
		rest = next
	}
	return out.String(), ok
}

// within is the place of some bytes of a value, as far as it can be told.
func (d *decoder) within(n *yaml.Node, from, length int) diag.Place {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || strings.Contains(n.Value, "\n") {
		return d.at(n)
	}
	column := n.Column + utf8.RuneCountInString(n.Value[:from])
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		column++
	}
	return diag.At(d.file, diag.Word(n.Line, column, n.Value[from:from+length]))
}

// lookUp returns what a reference stands for.
func (d *decoder) lookUp(at diag.Place, reference string) (string, bool) {
	kind, name, _ := strings.Cut(reference, ":")
	switch {
	case name == "":
	case kind == "env":
		return d.variable(at, name)
	case kind == "file":
		return d.content(at, name)
	case kind == "cred":
		return d.credential(at, name)
	}
	d.report(at.Error("BE516", diag.T("`${…}` 里面不是引用", "`${…}` holds no reference")). // not quoted: it may be part of a secret
												WithHint(diag.T("写成 ${env:名称}、${file:路径} 或 ${cred:名称}", "write ${env:NAME}, ${file:/path} or ${cred:NAME}")))
	return "", false
}

// variable returns a variable of the environment.
func (d *decoder) variable(at diag.Place, name string) (string, bool) {
	value, set := d.env(name)
	if !set || value == "" {
		d.report(at.Error("BE503", diag.T("环境变量 `%s` 没有设置", "the environment variable `%s` is not set", name)).
			WithHint(d.howToSet()))
		return "", false
	}
	return value, true
}

// howToSet says how a variable gets into the environment, by what lies beside the
// configuration.
func (d *decoder) howToSet() diag.Text {
	const load = "set -a; . ./.env; set +a"
	if _, err := os.Stat(d.path(".env")); err == nil {
		return diag.T("它写在 .env 里吗？先运行 `%s` 再启动", "is it in .env? Run `%s` before the start", load)
	}
	if _, err := os.Stat(d.path(".env.example")); err == nil {
		return diag.T("把 .env.example 复制成 .env，填上它，运行 `%s` 再启动", "copy .env.example to .env, fill it in, and run `%s` before the start", load)
	}
	return diag.T("启动前请设置它", "set it before the start")
}

// content returns the text of a file, without the line break at its end.
func (d *decoder) content(at diag.Place, name string) (string, bool) {
	value, err := readReferenced(d.path(name))
	if err == nil && isOpen(d.path(name)) {
		d.report(at.Warning("BE525", diag.T("密钥文件 `%s` 别的用户也能看到或修改", "other users can read or change the file `%s`", name)).
			WithHint(diag.T("运行 `chmod 600 %s`", "run `chmod 600 %s`", name)))
	}
	if err != nil {
		d.report(at.Error("BE504", because(diag.T("文件 `%s` 读不出来", "the file `%s` can't be read", name), err)))
		return "", false
	}
	return value, true
}

// mounts are where containers get their secrets: nobody but the engine is there, and
// whoever mounts them chooses the mode.
var mounts = []string{"/run/secrets/", "/var/run/secrets/"}

// isOpen says whether users besides the file's own and its group can read it, or any
// but its own can change it. A mode says nothing of that on Windows.
func isOpen(path string) bool {
	if runtime.GOOS == "windows" || slices.ContainsFunc(mounts, func(m string) bool { return strings.HasPrefix(path, m) }) {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o026 != 0
}

// credential returns one of the credentials that systemd hands to a service.
func (d *decoder) credential(at diag.Place, name string) (string, bool) {
	dir, set := d.env("CREDENTIALS_DIRECTORY")
	if !set || dir == "" {
		d.report(at.Error("BE505", diag.T("没有凭据目录，取不到 `%s`", "there is no directory of credentials, so no `%s`", name)).
			WithHint(diag.T("在 systemd 单元里写 LoadCredential=", "use LoadCredential= in the systemd unit")))
		return "", false
	}
	if name != filepath.Base(name) || name == ".." || name == "." {
		d.report(at.Error("BE505", diag.T("`%s` 不是凭据的名称", "`%s` is not the name of a credential", name)))
		return "", false
	}
	value, err := readReferenced(filepath.Join(dir, name))
	if err != nil {
		d.report(at.Error("BE505", because(diag.T("凭据 `%s` 读不出来", "the credential `%s` can't be read", name), err)))
		return "", false
	}
	return value, true
}

// readReferenced reads a small file.
func readReferenced(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", errNotFile // a pipe could keep us waiting for ever
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxReferenced+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxReferenced {
		return "", errLarge
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// because adds to a message why it is so. The path is left out: the message has
// it already.
func because(message diag.Text, err error) diag.Text {
	var why diag.Text
	var path *os.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = diag.T("文件不存在", "there is no such file")
	case errors.Is(err, fs.ErrPermission):
		why = diag.T("没有读取权限", "permission denied")
	case errors.Is(err, errLarge):
		why = diag.T("超过 64 KiB", "larger than 64 KiB")
	case errors.Is(err, errNotFile):
		why = diag.T("不是普通文件", "not a regular file")
	case errors.As(err, &path):
		why = diag.T("%s", "%s", path.Err)
	default:
		why = diag.T("%s", "%s", err)
	}
	return diag.Text{ZH: message.ZH + "：" + why.ZH, EN: message.EN + ": " + why.EN}
}

// secret reads a secret; one that stands in the file itself is a warning.
func (d *decoder) secret(dst *Secret) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		var s string
		d.text(&s).read(n)
		if s == "" {
			return
		}
		if !strings.Contains(n.Value, "${") {
			d.report(d.at(n).Warning("BE515", diag.T("密钥直接写在文件里", "the secret stands in the file itself")).
				WithHint(diag.T("请用 ${env:名称} 或 ${file:路径}", "use ${env:NAME} or ${file:/path}")))
		}
		*dst = NewSecret(strings.TrimSpace(s))
	}}
}
