package rest_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"botengine/internal/yjiyun/rest"
)

func TestWhatTheDocumentDoesNotNameIsKept(t *testing.T) {
	body := `{"code":"0","data":[{"userId":14073751575621261,"name":"江夏","position":{"zh":"经理"},"isOuterUser":"1","isDelete":true,
		"unionId":18446744073709551615,"深":{"id":9007199254740993}}]}`
	got, err := all(answering(body).client().Customers(t.Context(), rest.CustomersQuery{RobotKey: "k"}))
	if err != nil {
		t.Fatal(err)
	}
	c := got[0]
	if c.UserID != "14073751575621261" || c.Name != "江夏" || !c.Outer || !c.Deleted || c.Status != -1 {
		t.Errorf("got %+v", c)
	}
	for field, want := range map[string]string{"unionId": "18446744073709551615", "深": `{"id":9007199254740993}`, "position": `{"zh":"经理"}`} {
		if string(c.Extra[field]) != want {
			t.Errorf("%s is %s, want %s", field, c.Extra[field], want)
		}
	}
	if len(c.Extra) != 3 {
		t.Errorf("extra: %v", c.Extra)
	}
}

func TestBothSpellingsOfAFieldAreRead(t *testing.T) {
	for body, want := range map[string]string{
		`{"robotKey":"k","officialUserId":"甲"}`:                          "甲",
		`{"robotKey":"k","officailUserId":"甲"}`:                          "甲",
		`{"robotKey":"k","officialUserId":null,"officailUserId":"甲"}`:    "甲",
		`{"robotKey":"k","officialUserId":"","officailUserId":"甲"}`:      "甲",
		`{"robotKey":"k","officialUserId":"甲","officailUserId":"other"}`: "甲",
	} {
		robots, err := answering(`{"code":"0","data":[` + body + `]}`).client().Robots(t.Context())
		if err != nil || robots[0].OfficialUserID != want {
			t.Errorf("%s: %+v, %v", body, robots, err)
		}
	}
}

// Whatever digits the platform spells, as a number or in quotes, are the id's.
func TestNoIDIsEverRounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		id := strconv.FormatUint(rapid.Uint64().Draw(rt, "id"), 10)
		spelt := id
		if rapid.Bool().Draw(rt, "quoted") {
			spelt = `"` + id + `"`
		}
		body := fmt.Sprintf(`{"code":"0","total":1,"data":[{"conversationId":"R:1","robotKey":%s,"creatorId":%s,"other":%s}]}`, spelt, spelt, spelt)
		got, err := all(answering(body).client().Groups(t.Context(), rest.GroupsQuery{RobotKey: "k"}))
		if err != nil || got[0].CreatorID != id || got[0].RobotKey != id || string(got[0].Extra["other"]) != spelt {
			rt.Fatalf("%s: %+v, %v", body, got, err)
		}
	})
}

// Whatever the answer, a walk ends, and no record of it is without its id.
func FuzzCustomers(f *testing.F) {
	for _, seed := range []string{
		`{"code":"0","total":3,"data":[{"userId":1,"extra":1}]}`, `{"code":"0","data":{"userId":"1"}}`, `{"code":"0","total":"many","data":[null]}`,
		`{"code":"0","data":[[]]}`, `{"data":[{"userId":1e3}]}`, `{"code":"0","total":-1,"data":[{"userId":"` + "\xff" + `"}]}`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := answering(string(body))
		client := p.client(func(o *rest.Options) { o.RequestsPerSecond = 1e6 })
		got, err := all(client.Customers(t.Context(), rest.CustomersQuery{RobotKey: "k"}))
		if err == nil && len(p.seen) > 2 {
			t.Fatalf("asked %d times", len(p.seen))
		}
		for _, customer := range got {
			if customer.UserID == "" {
				t.Fatal("a customer without an id")
			}
			if _, err := json.Marshal(customer.Name); err != nil {
				t.Fatal(err)
			}
		}
	})
}
