package config

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// Metrics is where /healthz, /readyz and /metrics are answered.
type Metrics struct {
	Listen string   // host:port; "" = nowhere
	Expose bool     // Listen may be an address that other machines reach
	Hosts  []string // names under which it may be asked, besides localhost and addresses
}

// metrics reads where the engine tells how it is.
func (d *decoder) metrics(m *Metrics) setter {
	fields := d.object(map[string]setter{
		"listen": d.endpoint(&m.Listen),
		"expose": d.flag(&m.Expose),
		"hosts":  d.list(d.nameOf(&m.Hosts)),
	})
	return setter{node: orOff(fields.node), read: func(n *yaml.Node) {
		if isOff(n) {
			*m = Metrics{}
			return
		}
		fields.read(n)
		d.exposed(n, m)
	}}
}

// exposed reports an address that other machines reach: as an error, unless it is
// said that this is meant.
func (d *decoder) exposed(n *yaml.Node, m *Metrics) {
	host, _, err := net.SplitHostPort(m.Listen)
	if err != nil || isLoopback(host) {
		return
	}
	at := valueOf(n, "listen")
	if m.Expose {
		d.report(d.at(at).Warning("BE530", diag.T("别的机器也能看到指标和健康状态", "other machines can see the metrics and the health")).
			WithHint(diag.T("没有登录也没有加密：请用防火墙只放行监控", "there is no login and no encryption: let only the monitoring through the firewall")))
		return
	}
	d.report(d.at(at).Error("BE530", diag.T("别的机器也能看到指标和健康状态", "other machines can see the metrics and the health")).
		WithHint(diag.T("只给本机用请写 127.0.0.1；确实要给别的机器用，再加 `expose: true`", "for this machine only, write 127.0.0.1; if other machines are meant, add `expose: true`")))
	m.Listen = ""
}

// valueOf is the value of a key of a mapping; the mapping itself where there is none.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return n
}

// endpoint reads host:port with a host that is written out, or off.
func (d *decoder) endpoint(dst *string) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		var s string
		d.text(&s).read(n)
		switch {
		case s == "off":
			*dst = ""
		case s == "":
		case !isEndpoint(s):
			d.report(d.at(n).Error("BE517", diag.T("`%s` 不是监听地址", "`%s` is not an address to listen on", n.Value)).
				WithHint(diag.T("写成 127.0.0.1:9464，或 off", "write 127.0.0.1:9464, or off")))
		default:
			*dst = s
		}
	}}
}

func isEndpoint(s string) bool {
	host, port, err := net.SplitHostPort(s)
	p, notNumber := strconv.Atoi(port)
	if err != nil || notNumber != nil || p < 0 || p >= 1<<16 {
		return false
	}
	_, bad := netip.ParseAddr(host)
	return host == "" || bad == nil || nameShape.MatchString(host)
}

// nameShape is the name of a machine.
var nameShape = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$`)

// nameOf reads one name of a machine, without a port.
func (d *decoder) nameOf(dst *[]string) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		var s string
		d.text(&s).read(n)
		if s == "" {
			return
		}
		if !nameShape.MatchString(s) {
			d.report(d.at(n).Error("BE506", diag.T("`%s` 不是主机名", "`%s` is not a host", n.Value)).
				WithHint(diag.T("写成 bot.example.com，不带端口", "write bot.example.com, without a port")))
			return
		}
		*dst = append(*dst, s)
	}}
}
