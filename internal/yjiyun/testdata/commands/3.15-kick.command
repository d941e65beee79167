{
  "message_id": "20200217102316325781544414",
  "robot": "bcc23c5e76ab6887d51b0197cd017e66",
  "type": "robot.delete.group.members",
  "lane": "action",
  "class": "I",
  "fields": {
    "groupId": "R:10696052725010172",
    "friends": [
      "7881300922264508"
    ]
  }
}
