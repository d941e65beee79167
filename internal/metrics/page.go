package metrics

import (
	"fmt"
	"strings"
)

// Documentation is the page about all metrics and labels, made of their declarations.
func Documentation(labels []Label) string {
	var b strings.Builder
	b.WriteString(`# 指标 · Metrics

<!-- Made from the declarations in internal/metrics by make generate; do not edit. -->

摘要：配置里写 ` + "`metrics: {listen: 127.0.0.1:9464}`" + `，引擎就在那里回答 ` + "`/metrics`、`/healthz`、`/readyz`" + `（加 ` + "`?verbose`" + ` 逐条说明）。告警规则在 ` + "`packaging/prometheus/alerts.yml`" + `。

With ` + "`metrics: {listen: 127.0.0.1:9464}`" + ` in the configuration the engine answers ` + "`/metrics`, `/healthz` (its loops turn) and `/readyz`" + ` (nothing keeps it from its work; with ` + "`?verbose`" + `, line by
line, in Chinese or English by ` + "`?lang=` or `Accept-Language`" + `). It is off if nothing is said; an address that other machines reach needs ` + "`expose: true`" + `; requests by another name than localhost, an
IP address or one of ` + "`hosts`" + ` are refused. Alerts: ` + "`packaging/prometheus/alerts.yml`" + `.

No label holds text, or the name or id of a person, a group or a chat. What is on no list, and what would be one too many, is ` + "`other`" + `. Beside these there are the usual ` + "`go_*` and `process_*`" + `.

`)
	b.WriteString("| metric | type | labels | 含义 | meaning |\n| --- | --- | --- | --- | --- |\n")
	for _, m := range All() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", m.Name, m.Type, strings.Join(m.Labels, ", "), m.Help.ZH, m.Help.EN)
	}
	b.WriteString("\n## 标签 · Labels\n\n| label | 含义 | meaning | values |\n| --- | --- | --- | --- |\n")
	for _, l := range labels {
		values := "`" + strings.Join(l.Values, "` `") + "`"
		if l.Most > 0 {
			values = fmt.Sprintf("最多 %d 个 · at most %d", l.Most, l.Most)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", l.Name, l.Help.ZH, l.Help.EN, values)
	}
	return b.String()
}
