package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// address reads a URL of the platform. What is not encrypted is accepted for
// this machine's own addresses only.
func (d *decoder) address(dst *string, schemes ...string) setter {
	node := orReference(schema.Matching("^(?:"+strings.Join(schemes, "|")+"):", diag.T("写成 https://www.example.com", "write https://www.example.com")))
	return setter{node: node, read: func(n *yaml.Node) {
		var s string
		d.text(&s).read(n)
		if s == "" {
			return
		}
		u, err := url.Parse(s)
		switch {
		case err != nil, !slices.Contains(schemes, u.Scheme), u.Hostname() == "":
			d.badAddress(n, diag.T("不是完整的地址", "not a complete address"))
		case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
			d.badAddress(n, diag.T("地址里不能有用户名、`?` 和 `#`", "an address has no user name, no `?` and no `#`"))
		case !validPort(u):
			d.badAddress(n, diag.T("端口不对", "the port is wrong"))
		case (u.Scheme == "http" || u.Scheme == "ws") && !isLoopback(u.Hostname()):
			d.report(d.at(n).Error("BE507", diag.T("地址没有加密", "the address is not encrypted")).
				WithHint(diag.T("请用 https://；只有本机可以用 http://", "use https://; http:// is for this machine only")))
		default:
			*dst = strings.TrimRight(s, "/")
		}
	}}
}

// badAddress reports an address without quoting it: it may hold a password.
func (d *decoder) badAddress(n *yaml.Node, message diag.Text) {
	d.report(d.at(n).Error("BE506", message).
		WithHint(diag.T("写成 https://www.example.com", "write https://www.example.com")))
}

// validPort says whether the port is missing or possible.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	p, err := strconv.Atoi(u.Port())
	return err == nil && p > 0 && p < 1<<16
}

// isLoopback says whether the host is this machine and can be nothing else.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// listen reads host:port, or off.
func (d *decoder) listen(dst *string) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		var s string
		d.text(&s).read(n)
		if s == "off" {
			*dst = ""
			return
		}
		if s == "" {
			return
		}
		host, port, err := net.SplitHostPort(s)
		p, notNumber := strconv.Atoi(port)
		if err != nil || notNumber != nil || p < 0 || p >= 1<<16 {
			d.report(d.at(n).Error("BE517", diag.T("`%s` 不是监听地址", "`%s` is not an address to listen on", n.Value)).
				WithHint(diag.T("写成 127.0.0.1:8787，或 off", "write 127.0.0.1:8787, or off")))
			return
		}
		if !isLoopback(host) {
			d.report(d.at(n).Warning("BE518", diag.T("别的机器也能打开控制台", "other machines can open the console")).
				WithHint(diag.T("只给本机用请写 127.0.0.1", "for this machine only, write 127.0.0.1")))
		}
		*dst = s
	}}
}
