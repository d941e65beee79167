package sim

// DemoWorld is the world a newcomer meets: one robot, 小助手, that owns the group 产品体验群1; customers 李四 and 张三; 王五,
// who is no member yet; 陈晨, whom no robot knows; the colleague 周经理; and the tags the example rules use. Its ids are the
// same every time.
func DemoWorld() *World {
	w := NewWorld(20200601)
	w.AddRobot(Robot{Key: "cfb3e2c2686d437ab1109cd63b87ea48", Wxid: "1688853470427542", NickName: "小助手", Gender: 2})
	for _, p := range []Person{
		{ID: "7881299823017745", Name: "李四", Gender: 1, Mobile: "13800000004"},
		{ID: "7881300883888745", Name: "张三", Gender: 1, Mobile: "13800000003"},
		{ID: "7881300922264508", Name: "王五", Gender: 1},
		{ID: "780000919", Name: "陈晨", Gender: 2},
		{ID: "1688853470825570", Name: "周经理", Gender: 1, Staff: true},
	} {
		w.AddPerson(p)
	}
	w.AddGroup(Group{
		ID: "R:10696051754030138", Name: "产品体验群1", Owner: "小助手", Members: []string{"小助手", "周经理", "李四", "张三"},
	})
	w.AddGroup(Group{ID: "R:10696051755024720", Name: "VIP 交流群", Owner: "周经理", Members: []string{"周经理", "小助手", "张三"}})
	w.Befriend("小助手", "李四", "张三", "王五")
	w.AddTags(TagGroup{ID: "14073751306622333", Name: "售后", Labels: []Label{
		{"14073751575621261", "退款"}, {"14073751864623019", "换货"}, {"14073751306622334", "已解决"},
	}})
	w.AddTags(TagGroup{ID: "14073752027622310", Name: "来源", Labels: []Label{
		{"14073752027622311", "好友申请"}, {"14073752218622787", "群聊"},
	}})
	w.AddTags(TagGroup{ID: "14073752703607621", Name: "意向", Labels: []Label{
		{"14073752703607623", "高"}, {"14073752703607624", "中"}, {"14073752703607625", "低"},
	}})
	w.AddTags(TagGroup{ID: "14073748971559027", Name: "个人标签", Personal: true, Labels: []Label{
		{"14073750575623185", "中间客户"}, {"14073752332623297", "转出客户"},
	}})
	return w
}
