{
  "message_id": "20200217102316325781544414",
  "robot": "bcc23c5e76ab6887d51b0197cd017e66",
  "type": "robot.set.group.announcement",
  "lane": "action",
  "class": "I",
  "fields": {
    "groupId": "R:106960527250***",
    "isAll": 1,
    "notice": "大家好"
  }
}
