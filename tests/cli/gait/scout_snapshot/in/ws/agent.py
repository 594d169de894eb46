@tool
def read_mail(box):
    pass
