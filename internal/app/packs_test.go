package app

import (
	"slices"
	"testing"

	"botengine/internal/rule"
	"botengine/internal/sim"
)

// The rule files that come with the program, all at once, in the conversations they
// are made for. The one by the clock is left out: when it speaks depends on the hour.
func TestThePacksOfRulesInTheirConversations(t *testing.T) {
	t.Parallel()
	world := sim.DemoWorld()
	world.AddGroup(sim.Group{ID: "R:10696051754030777", Name: "公告群", Owner: "小助手", Members: []string{"小助手", "张三", "王五"}, Admins: []string{"王五"}})
	b := start(t, serve(t, sim.Options{World: world}), "../../rules")
	const group = "产品体验群1"
	says := func(chat, who string, all ...string) {
		t.Helper()
		for _, text := range all {
			must(b.sim.Say(chat, who, text))
		}
	}
	told := func(part string) { t.Helper(); b.ledger(t, part, hasText(part)) }

	if err := b.sim.Join(group, "王五"); err != nil { // greeted after ten seconds, see below
		t.Fatal(err)
	}
	says("小助手", "张三", "解决了，谢谢") // asked after a few seconds
	must(b.sim.RequestFriend("小助手", "陈晨", "我是陈晨"))
	told("陈晨 您好，我是小助手")

	says(group, "张三", "退 款　怎么办")
	told("退款请点这里：https://example.com/refund")
	says(group, "张三", "这个多少钱")
	b.ledger(t, "the prices", sim.HasKind("link", 1))
	says(group, "王五", "你们几点下班？")
	told("每天 09:00-21:00 有人，其他时间请留言。")
	says(group, "李四", "加 薇.信 领红包")
	told("群里请不要发广告，再发会被移出群。")
	says(group, "李四", "代开发票")
	told("已将发广告的成员移出群。")
	b.ledger(t, "the kick", sim.HasKind("kick", 1))
	says("公告群", "张三", "公告：大家好")
	says("公告群", "王五", "公告：今晚八点维护")
	told("群公告已更新")
	says("公告群", "张三", "一", "二", "三", "四", "五", "六")
	told("消息太快啦，慢一点")

	says("小助手", "王五", "想换个颜色")
	until(t, "the tag", func() bool { return slices.Contains(b.sim.World().TagsOf("小助手", "王五"), "售后/换货") })
	says("小助手", "王五", "怎么进群") // the groups of the pack are not here
	told("群暂时都满了")
	says("小助手", "李四", "转人工")
	until(t, "a word about people", func() bool {
		return hasText("已为您转人工")(b.sim.Ledger()) || hasText("现在没有同事在")(b.sim.Ledger())
	})
	told("请给这次服务打分")
	says("小助手", "张三", "５")
	told("谢谢您的肯定！")
	told("欢迎 王五 加入产品体验群1！")

	says(group, "周经理", "拉黑 7881300883888745")
	told("已加入黑名单。")
	says("小助手", "张三", "价格")
	b.outcome(t, "blacklist", rule.Fired)
	if err := b.sim.SetRobotStatus("小助手", sim.StatusOffline); err != nil {
		t.Fatal(err)
	}
	b.outcome(t, "robot-gone", rule.Fired)
	if notices := countOf(kinds(b.sim.Ledger()), "announce"); notices != 1 {
		t.Errorf("%d announcements, want that of the admin", notices)
	}
	if d := b.sim.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
	if n := b.sim.Overlaps(); len(n) > 0 {
		t.Errorf("commands overlapped: %v", n)
	}
}

func kinds(entries []sim.Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Kind)
	}
	return out
}
