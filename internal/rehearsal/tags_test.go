package rehearsal

import (
	"strings"
	"testing"

	"botengine/internal/rule"
)

func rules(t *testing.T, text string) *rule.Set {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatal(findings)
	}
	return set
}

func TestTheTagsThatRulesNameAreThereAndKeepTheirIDs(t *testing.T) {
	one := TagsOf(rules(t, "version: 1\nrules: [{id: a, on: friend.request, do: [{tag: {add: [售后/退款, 老客], remove: [\"14073751575621261\"]}}]}]\n"))
	two := TagsOf(rules(t, "version: 1\nrules: [{id: a, on: friend.request, do: [{tag: {add: [售后/退款, 新客]}}]}]\n"))
	for _, want := range []string{`"groupName":"售后"`, `"name":"退款"`, `"name":"老客"`, `"labelId":14073751575621261`} {
		if !strings.Contains(string(one.Answer), want) {
			t.Errorf("the list has no %s: %s", want, one.Answer)
		}
	}
	id := tagID("售后/退款")
	if !strings.Contains(string(one.Answer), id) || !strings.Contains(string(two.Answer), id) {
		t.Errorf("the id %s is not in both of\n%s\n%s", id, one.Answer, two.Answer)
	}
	if got := string(one.Named([]byte(`{"tags":["` + id + `"],"userId":"1"}`))); got != `{"tags":["售后/退款"],"userId":"1"}` {
		t.Errorf("with names it is %s", got)
	}
}
