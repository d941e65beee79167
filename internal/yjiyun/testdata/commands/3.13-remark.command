{
  "message_id": "20200217102316325781544414",
  "robot": "bcc23c5e76ab6887d51b0197cd017e66",
  "type": "robot.modify.friend.remark",
  "lane": "action",
  "class": "I",
  "fields": {
    "userId": "7881302985963919",
    "realRemarks": "红儿",
    "remarks": "哈哈哈"
  }
}
