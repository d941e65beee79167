{
  "message_id": "20200217102316325781544414",
  "robot": "bcc23c5e76ab6887d51b0197cd017e66",
  "type": "robot.create.group",
  "lane": "action",
  "class": "I",
  "fields": {
    "friends": [
      "1688853470819974",
      "7881300922264508"
    ],
    "name": "福利群①"
  }
}
