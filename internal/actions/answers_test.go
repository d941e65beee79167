package actions

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/expression"
)

func TestWhatIsReadOutOfAnswers(t *testing.T) {
	tests := map[string]struct {
		shape         expression.Shape
		asked, answer string
		want          expression.Found
	}{
		"admins as numbers and as texts, digit by digit": {expression.ShapeIDs, "", `{"code":"0","admins":[1688853866655589,"18446744073709551615"]}`,
			expression.Found{IDs: []string{"1688853866655589", "18446744073709551615"}}},
		"a group with its owner alone": {expression.ShapeIDs, "", `{"code":"0","admins":[]}`, expression.Found{IDs: []string{}}},
		"a person and a group": {expression.ShapeContacts, "", `{"contacts":[{"userId":"1688853470819974","name":"小红","realRemarks":"红儿","remarks":"哈哈哈","phone":"","mobile":"13800138000","position":"客服","avatorUrl":"https://example.com/0","gender":2,"isOuterUser":1},{"conversationId":"R:10696052725013336","name":"qun1111","memberCount":8}]}`,
			expression.Found{Contacts: []expression.Contact{
				{ID: "1688853470819974", Name: "小红", Remark: "红儿", Description: "哈哈哈", Phone: "13800138000", Position: "客服", Avatar: "https://example.com/0", Gender: 2, IsExternal: true},
				{ID: "R:10696052725013336", Name: "qun1111"}}}},
		"one group of a list": {expression.ShapeGroup, `{"conversationId":"R:2"}`, `{"data":[{"conversationId":"R:1"},{"conversationId":"R:2","name":"群②","creatorId":9007199254740993,"creatorName":"群主","memberCount":"499","isOuterGroupConversation":true}]}`,
			expression.Found{Group: expression.Group{ID: "R:2", Name: "群②", OwnerID: "9007199254740993", OwnerName: "群主", MemberCount: 499, IsExternal: true}}},
		"a group alone": {expression.ShapeGroup, `{"conversationId":"R:2"}`, `{"conversationId":"R:2","name":"群②","memberCount":8}`,
			expression.Found{Group: expression.Group{ID: "R:2", Name: "群②", MemberCount: 8}}},
		"members as a bare list": {expression.ShapeMembers, "", `[{"userId":9007199254740993,"name":"群主","isCreator":"1"},{"userId":"7881302985963919","name":"张三👋","isExternalUser":1,"avatorUrl":"https://example.com/0"}]`,
			expression.Found{Members: []expression.GroupMember{{ID: "9007199254740993", Name: "群主", IsOwner: true}, {ID: "7881302985963919", Name: "张三👋", IsExternal: true, Avatar: "https://example.com/0"}}}},
		"a group that everybody left": {expression.ShapeMembers, "", `{"data":[]}`, expression.Found{}},
		"tags below groups, in every list": {expression.ShapeTags, "", `{"code":"0","labelList":[{"labelId":14073751306622333,"name":"售后","isGroupLabel":1,"subLabelList":[{"labelId":14073751575621261,"name":"退款"}]}],"more":[{"labelId":"18446744073709551615","name":"VIP","groupName":"等级"}],"personLabel":{"labelId":1,"name":"个人标签","isGroupLabel":1,"subLabelList":[{"labelId":2,"name":"中间客户","groupName":"个人标签"}]}}`,
			expression.Found{Tags: []expression.Tag{{ID: "14073751575621261", Name: "退款", Group: "售后"}, {ID: "18446744073709551615", Name: "VIP", Group: "等级"}, {ID: "2", Name: "中间客户", Group: "个人标签"}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.want.Shape = tt.shape
			got, err := readers[tt.shape]([]byte(tt.asked), []byte(tt.answer))
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A list that is not there, or that names somebody in a way nobody understands, is
// never taken for an empty one.
func TestAnAnswerThatSaysSomethingElseIsAnError(t *testing.T) {
	for shape, answers := range map[expression.Shape][]string{
		expression.ShapeIDs:      {``, `x`, `null`, `[1`, `{}`, `{"admins":null}`, `{"admins":{}}`, `{"admins":[1.5]}`, `{"admins":[1e3]}`, `{"admins":["张三"]}`, `{"admins":[null]}`, `{"admins":[0]}`},
		expression.ShapeContacts: {``, `{"contacts":1}`, `{"contacts":["1"]}`},
		expression.ShapeGroup:    {``, `{}`, `[]`, `{"data":[]}`, `{"data":[{"conversationId":"R:1"}]}`, `{"conversationId":"R:21"}`},
		expression.ShapeMembers:  {``, `{}`, `{"data":null}`, `{"data":[{"name":"张三"}]}`, `[{"userId":7.881e15}]`},
		expression.ShapeTags:     {``, `[]`, `1`},
	} {
		for _, answer := range answers {
			if got, err := readers[shape]([]byte(`{"conversationId":"R:2"}`), []byte(answer)); err == nil {
				t.Errorf("%s: %s was read as %+v", shape, answer, got)
			} else if strings.Contains(err.Error(), "张三") {
				t.Errorf("%s: the error quotes the answer: %v", shape, err)
			}
		}
	}
	long := `{"admins":[` + strings.Repeat("1,", maxFound) + `1]}`
	if _, err := readers[expression.ShapeIDs](nil, []byte(long)); err == nil || !strings.Contains(err.Error(), "5000") {
		t.Errorf("a list without end: %v", err)
	}
}

// FuzzAnswers holds that no answer makes reading panic, and that every id read is
// digits, or a group's.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"admins":[1,"2"]}`, `{"data":[{"userId":1,"conversationId":"R:1"}]}`, `{"contacts":[{"userId":"1"}]}`,
		`{"a":[{"labelId":1,"subLabelList":[{"labelId":2}]}],"personLabel":{"labelId":3}}`, `[[[]]]`, `{"data":{"data":{"data":[]}}}`, `{"admins":[1e400]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for shape, read := range readers {
			found, err := read([]byte(`{"conversationId":"R:1"}`), answer)
			if err != nil {
				continue
			}
			ids := found.IDs
			for _, m := range found.Members {
				ids = append(ids, m.ID)
			}
			for _, tag := range found.Tags {
				ids = append(ids, tag.ID)
			}
			for _, id := range ids {
				if !isPeer(id) {
					t.Errorf("%s: %q is no id", shape, id)
				}
			}
		}
	})
}
