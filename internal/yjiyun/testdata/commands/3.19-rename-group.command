{
  "message_id": "20200217102316325781544414",
  "robot": "bcc23c5e76ab6887d51b0197cd017e66",
  "type": "robot.modify.group.name",
  "lane": "action",
  "class": "I",
  "fields": {
    "groupId": "R:10696052725010172",
    "newName": "测试 25"
  }
}
