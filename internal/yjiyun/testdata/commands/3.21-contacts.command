{
  "message_id": "20200217102316325781544414",
  "robot": "bcc23c5e76ab6887d51b0197cd017e66",
  "type": "robot.contacts.inquiry",
  "lane": "action",
  "class": "I",
  "fields": {
    "contacts": [
      1688853470819974,
      1688853470819976
    ]
  }
}
