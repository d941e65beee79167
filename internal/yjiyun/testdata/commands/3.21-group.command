{
  "message_id": "20201029140953087689504360",
  "robot": "bcc23c5e76ab6887d51b0197cd017e66",
  "type": "robot.contacts.inquiry",
  "lane": "action",
  "class": "I",
  "fields": {
    "contacts": [
      "R:10696052725013336"
    ]
  }
}
