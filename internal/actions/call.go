package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/expression"
)

// callTimeout is how long a call's lane waits for the end: longer than any call may
// take.
const callTimeout = 10 * time.Second

type callParams struct {
	URL      Constant            `yaml:"url" zh:"地址，https:// 开头，要写明；主机须在配置的 call.hosts 里" en:"the address, beginning with https://, written out; its host has to be among call.hosts of the configuration" required:"true"`
	Path     Texts               `yaml:"path" zh:"接在地址后面的各级路径，可以用消息里的内容，会自动转义" en:"what follows the address, one part after the other; it may come from the message and is escaped"`
	Query    Fields              `yaml:"query" zh:"? 后面的参数，可以用消息里的内容，会自动转义" en:"the parameters after the ?; they may come from the message and are escaped"`
	Method   Choice[methodWords] `yaml:"method" zh:"方法：有 body 时默认 POST，否则 GET" en:"the method; with a body POST, else GET"`
	Headers  Headers             `yaml:"headers" zh:"请求头，要写明；密钥写成 ${名称}，值放在配置的 call.secrets 里" en:"headers, written out; a secret is ${NAME}, with its value under call.secrets of the configuration"`
	Body     Fields              `yaml:"body" zh:"请求的 JSON" en:"the request's JSON"`
	As       NewName             `yaml:"as" zh:"后面的步骤用什么名称看结果" en:"the name by which later steps know the answer"`
	Delivery Delivery            `yaml:"delivery" zh:"结果不明时怎么办：at_most_once（默认，不再调）或 at_least_once（再调一次，对方要能认出重复）" en:"when nobody knows whether it arrived: at_most_once, the default, or at_least_once, where the host has to know a repetition"`
}

type methodWords struct{}

func (methodWords) words() []string { return []string{"GET", "POST", "PUT", "PATCH", "DELETE"} }

var call = define(spec[callParams]{
	Name:    "call",
	Summary: diag.T("调用别的系统的 HTTP 接口。", "Calls another system over HTTP."),
	Note: diag.T("只能调用配置里 `call.hosts` 允许的主机，默认只走 https；不跟随跳转，5 秒内要有结果，回答最多 64 KiB。2xx 算成功，其余以状态码结束这一步。用 `as: 名称` 之后，后面的步骤可以用 `名称.status`、`名称.text`、`名称.fields.键`（JSON 里的值，都是文字；里层写成 `名称.fields[\"data.0.name\"]`，没有的是空文字）。每次调用都带 `Idempotency-Key`，重复的调用键相同。",
		"Only hosts that `call.hosts` of the configuration allows, and by https unless it says otherwise; redirects are not followed, the answer has to come within 5 s and is at most 64 KiB. 2xx is success, anything else ends the step with the status as its code. With `as: NAME`, later steps have `NAME.status`, `NAME.text` and `NAME.fields.KEY` (the values of a JSON answer, as texts; inner ones are `NAME.fields[\"data.0.name\"]`, and what is not there is empty). Each call carries an `Idempotency-Key`, the same when it is repeated."),
	Example: `call: {url: "https://crm.example.com/orders", query: {customer: "{{sender.id}}"}, headers: {Authorization: "Bearer ${crm_token}"}, as: order}`,
	Main:    "url",
	Sends:   Platform{Type: command.TypeCall, Lane: command.LaneCall, Class: command.Unverifiable, Section: "HTTP"},
	Check:   checkCall,
	Plan:    planCall,
	Refers:  referCall,
	Looks: func(p *callParams) *Look {
		if p.As.name == "" {
			return nil
		}
		return &Look{As: p.As.name, Shape: expression.ShapeCall, Read: readCall}
	},
})

func checkCall(p *callParams) []fault {
	var faults []fault
	u, err := url.Parse(p.URL.text)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil:
		faults = append(faults, fault{Param: "url", Message: diag.T("`url` 不是完整的网址", "`url` is not a whole web address"),
			Hint: diag.T("写成 https://主机/路径，不带用户名", "write https://host/path, without a user name")})
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		faults = append(faults, fault{Param: "url", Message: diag.T("`url` 里不写 `?` 和 `#`", "`url` has no `?` and no `#`"),
			Hint: diag.T("参数写在 `query` 里，会自动转义", "parameters go into `query`, which escapes them")})
	case u.Scheme == "http":
		faults = append(faults, fault{Param: "url", Advice: true, Message: diag.T("http 没有加密，还要配置里写 `http: true` 才能用", "http is not encrypted; it works only with `http: true` at the host in the configuration"),
			Hint: diag.T("能用就用 https", "use https where you can")})
	}
	if len(p.Body.entries) > 0 && p.Method.word == "GET" {
		faults = append(faults, fault{Param: "method", Message: diag.T("GET 不能带 `body`", "a GET has no `body`"),
			Hint: diag.T("用 POST，或把参数写在 `query` 里", "use POST, or put the parameters into `query`")})
	}
	for _, e := range p.Query.entries {
		if e.value.entries != nil || e.value.items != nil {
			faults = append(faults, fault{Param: "query", Message: diag.T("`query` 的 `%s` 要是一个值", "`%s` of `query` is one value", e.name)})
		}
	}
	return faults
}

// callFields are the fields of a call, as whoever makes it reads them.
type callFields struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

func planCall(env Env, p *callParams) (Effect, error) {
	f := callFields{Method: p.method(), Headers: p.Headers.values}
	var err error
	if f.URL, err = p.address(env); err != nil {
		return Effect{}, err
	}
	if p.Body.entries != nil {
		if f.Body, err = p.Body.render(env, true); err != nil {
			return Effect{}, fmt.Errorf("body: %w", err)
		}
	}
	effect, err := act(f)
	if err == nil {
		effect.Command.Timeout = callTimeout
		effect.Command.Class = p.class()
	}
	return effect, err
}

func (p *callParams) method() string {
	switch {
	case p.Method.word != "":
		return p.Method.word
	case p.Body.entries != nil:
		return "POST"
	default:
		return "GET"
	}
}

// class says whether the call may be made again when its fate is not known. To ask
// does no harm.
func (p *callParams) class() command.Class {
	if p.method() == "GET" {
		return command.Idempotent
	}
	return classFor(p.Delivery)
}

// address is the whole address: its host is the rule's, and whatever people wrote
// is a part of the path or the value of a parameter, never more.
func (p *callParams) address(env Env) (string, error) {
	parts, err := p.Path.Render(env)
	if err != nil {
		return "", fmt.Errorf("path: %w", err)
	}
	var out strings.Builder
	out.WriteString(strings.TrimRight(p.URL.text, "/"))
	for _, part := range parts {
		if part == "." || part == ".." {
			return "", errors.New("path: a part must not be . or .. alone")
		}
		out.WriteString("/" + url.PathEscape(part))
	}
	if len(parts) == 0 && strings.HasSuffix(p.URL.text, "/") {
		out.WriteString("/")
	}
	query := url.Values{}
	for _, e := range p.Query.entries {
		value, err := e.value.oneText(env)
		if err != nil {
			return "", fmt.Errorf("query %s: %w", e.name, err)
		}
		query.Set(e.name, value)
	}
	if len(query) > 0 {
		out.WriteString("?" + query.Encode())
	}
	return out.String(), nil
}

// oneText is a field's value as a text.
func (v fieldValue) oneText(env Env) (string, error) {
	if v.text == nil {
		return strings.Trim(string(v.constant), `"`), nil
	}
	value, err := v.text.Eval(env.Scope)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(value), nil
}

// Headers are the headers of a request: constants, in which ${NAME} stands for a
// secret of the configuration.
type Headers struct{ values map[string]string }

func (*Headers) kind() Kind { return KindHeaders }

// headerName is the name of a header; forbidden are those that the call sets.
var (
	headerName      = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
	headerForbidden = []string{"host", "content-length", "connection", "transfer-encoding", "content-type", "idempotency-key", "te", "upgrade", "trailer"}
	headerSecret    = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)
	headerPrivate   = regexp.MustCompile(`(?i)^(authorization|cookie|.*(token|secret|key|password).*)$`)
)

func (h *Headers) read(n *yaml.Node, b *Binder) {
	if n.Kind != yaml.MappingNode {
		b.fail(n, "BE104", diag.T("`headers` 要写成一组键和值", "`headers` takes keys with values"), diag.T("例如 `headers: {X-From: bot}`", "such as `headers: {X-From: bot}`"))
		return
	}
	h.values = map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		h.readOne(n.Content[i], resolve(n.Content[i+1]), b)
	}
}

func (h *Headers) readOne(key, val *yaml.Node, b *Binder) {
	name := strings.ToLower(key.Value)
	switch {
	case !headerName.MatchString(key.Value):
		b.fail(key, "BE304", diag.T("`%s` 不是请求头的名称", "`%s` is not the name of a header", key.Value), diag.T("字母、数字和 `-`", "letters, digits and `-`"))
		return
	case slices.Contains(headerForbidden, name):
		b.fail(key, "BE304", diag.T("`%s` 由引擎自己写", "the engine writes `%s` itself", key.Value), diag.T("去掉它", "take it out"))
		return
	}
	var c Constant
	c.read(val, b)
	switch {
	case !c.Given():
		return
	case strings.ContainsFunc(c.text, func(r rune) bool { return r < ' ' || r > '~' }):
		b.fail(val, "BE304", diag.T("请求头只能是英文字符，不能换行", "a header is plain ASCII without line breaks"), diag.Text{})
		return
	case strings.Count(c.text, "${") != len(headerSecret.FindAllString(c.text, -1)):
		b.fail(val, "BE304", diag.T("密钥写成 `${名称}`", "a secret is written `${NAME}`"), diag.T("名称用字母、数字和下划线；值写在配置的 call.secrets 里", "letters, digits and underscores; the value stands under call.secrets of the configuration"))
		return
	case headerPrivate.MatchString(name) && !strings.Contains(c.text, "${"):
		b.findings = append(b.findings, LiteralSecret(diag.At(b.file, b.place(val))))
	}
	h.values[key.Value] = c.text
}

// LiteralSecret is the finding on a secret that stands in a rule. It never shows the
// line.
func LiteralSecret(at diag.Place) diag.Finding {
	f := at.Warning("BE308", diag.T("密钥直接写在规则里，规则会显示给很多人看", "a secret stands in the rule itself, and many people get to see rules"))
	f.NoExcerpt = true
	return f.WithHint(diag.T("值放在配置的 `call.secrets` 里，`call` 的请求头里写 `${名称}`；规则别处用不到密钥", "put its value under `call.secrets` of the configuration and write `${NAME}` in a header of `call`; nothing else in rules needs a secret"))
}
