{
  "message_id": "202002051616xxxx503",
  "robot": "3a8da269768848ffb447db007d70f974",
  "type": "robot.phone.contact.add",
  "lane": "action",
  "class": "I",
  "fields": {
    "phone": "1562xxx229"
  }
}
