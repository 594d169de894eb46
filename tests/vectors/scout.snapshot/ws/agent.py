from agents import Agent

@tool
def read_mail(box):
    return box

Agent(name="Read.Mail", tool_name='export_rows')
