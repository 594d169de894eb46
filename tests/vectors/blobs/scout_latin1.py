@tool
# café
def read_mail(x): pass
def é(x): pass
