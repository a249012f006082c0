"""The words of all commands, made of them by tests/cli/syntax/test_words.py."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kubectl_joblab.cli.syntax.words import Command, Flag

COMMANDS: dict[str, Command] = {'': {'summary': '',
      'commands': ('check',
                   'clean',
                   'completion',
                   'describe',
                   'doctor',
                   'events',
                   'hint',
                   'lab',
                   'list',
                   'logs',
                   'options',
                   'practice',
                   'scaffold',
                   'show',
                   'start',
                   'status',
                   'version'),
      'arguments': (),
      'flags': ({'names': ('--version',),
                 'to': 'version',
                 'takes': '',
                 'help': 'Show the version and exit.',
                 'values': (),
                 'many': False},),
      'lab_flags': False,
      'page': 'Learn Kubernetes Jobs by running them: seven labs on your own cluster.\n'
              '\n'
              'Examples:\n'
              '  # Run lab 6, watch its Pods, see it checked\n'
              '  kubectl joblab start parallelism\n'
              '  \n'
              '  # Write the Job yourself, create it with kubectl, have it judged\n'
              '  kubectl joblab scaffold retry\n'
              '  kubectl apply -f 04-retry/job-retry.yaml\n'
              '  kubectl joblab check retry --wait\n'
              '\n'
              'Available Commands:\n'
              '  check        Judge what the cluster shows: PASS, FAIL, PENDING or UNKNOWN\n'
              '  clean        Delete what the labs made\n'
              '  completion   Have the words of joblab completed on TAB\n'
              '  describe     Show details of the Job, and what kubectl describe leaves out\n'
              '  doctor       Check that this cluster and user can run the labs\n'
              '  events       List events of the Job and its Pods\n'
              '  hint         Give the next hint\n'
              '  lab          Lint and test lab definitions\n'
              '  list         List the labs and your result in each\n'
              '  logs         Print the logs of all Pods and tries of the Job\n'
              '  options      List the flags that apply to all commands\n'
              '  practice     Start and stop a cluster to practise on\n'
              '  scaffold     Write the manifest of a lab, with comments\n'
              '  show         Show a lab: goal, tasks, what to observe, commands to try\n'
              '  start        Create the Job of a lab, follow it, check it\n'
              '  status       Show the Job and its Pods\n'
              '  version      Print the version information\n'
              '\n'
              'Usage:\n'
              '  kubectl joblab [flags] [options]\n'
              '\n'
              'Use "kubectl joblab <command> --help" for more information about a command.\n'
              'Use "kubectl joblab options" for the kubectl flags that apply to all commands.\n'},
 'check': {'summary': 'Judge what the cluster shows: PASS, FAIL, PENDING or UNKNOWN',
           'commands': (),
           'arguments': ('labs...',),
           'flags': ({'names': ('-A', '--all-namespaces'),
                      'to': 'all_namespaces',
                      'takes': '',
                      'help': 'Judge in all namespaces: a row for each namespace and lab.',
                      'values': (),
                      'many': False},
                     {'names': ('--variant',),
                      'to': 'variant',
                      'takes': 'text',
                      'help': 'Judge only this variant of the lab.',
                      'values': (),
                      'many': False},
                     {'names': ('--name',),
                      'to': 'name',
                      'takes': 'text',
                      'help': "The Job's name, where it is not the lab's.",
                      'values': (),
                      'many': False},
                     {'names': ('--wait',),
                      'to': 'wait',
                      'takes': '',
                      'help': 'Wait until the Jobs are finished.',
                      'values': (),
                      'many': False},
                     {'names': ('--timeout',),
                      'to': 'timeout',
                      'takes': 'duration',
                      'help': 'How long to wait; else as long as the checks allow.',
                      'values': (),
                      'many': False},
                     {'names': ('--no-headers',),
                      'to': 'no_headers',
                      'takes': '',
                      'help': 'Print no header line.',
                      'values': (),
                      'many': False},
                     {'names': ('-o', '--output'),
                      'to': 'output',
                      'takes': 'choice',
                      'help': 'One of: wide, json, yaml, name, junit.',
                      'values': ('wide', 'json', 'yaml', 'name', 'junit'),
                      'many': False}),
           'lab_flags': False,
           'page': 'Judge what the cluster shows of a lab: PASS, FAIL, PENDING or UNKNOWN for '
                   'each\n'
                   'check.\n'
                   'Without LAB: every lab whose Job exists here. It does not matter who made '
                   'the\n'
                   'Job.\n'
                   'Exit status: 0 all passed, 1 an error, 2 something failed, 3 something is\n'
                   'pending, unknown or not started.\n'
                   '\n'
                   'Examples:\n'
                   '  # Judge lab 6\n'
                   '  kubectl joblab check parallelism\n'
                   '  \n'
                   '  # Wait until the Job is finished, then judge it\n'
                   '  kubectl joblab check retry --wait\n'
                   '  \n'
                   '  # Judge every lab whose Job exists, for a CI system\n'
                   '  kubectl joblab check -o junit\n'
                   '  \n'
                   '  # See where a class stands\n'
                   '  kubectl joblab check -A\n'
                   '\n'
                   'Options:\n'
                   '    -A, --all-namespaces=false:\n'
                   '\tJudge in all namespaces: a row for each namespace and lab.\n'
                   '\n'
                   "    --variant='':\n"
                   '\tJudge only this variant of the lab.\n'
                   '\n'
                   "    --name='':\n"
                   "\tThe Job's name, where it is not the lab's.\n"
                   '\n'
                   '    --wait=false:\n'
                   '\tWait until the Jobs are finished.\n'
                   '\n'
                   "    --timeout='':\n"
                   '\tHow long to wait; else as long as the checks allow.\n'
                   '\n'
                   '    --no-headers=false:\n'
                   '\tPrint no header line.\n'
                   '\n'
                   "    -o, --output='':\n"
                   '\tOne of: wide, json, yaml, name, junit.\n'
                   '\n'
                   'Usage:\n'
                   '  kubectl joblab check [LAB...] [options]\n'
                   '\n'
                   'Use "kubectl joblab options" for the kubectl flags that apply to all '
                   'commands.\n'},
 'clean': {'summary': 'Delete what the labs made',
           'commands': (),
           'arguments': ('lab',),
           'flags': ({'names': ('--all',),
                      'to': 'everything',
                      'takes': '',
                      'help': 'Delete the Jobs of all labs.',
                      'values': (),
                      'many': False},),
           'lab_flags': False,
           'page': 'Delete the Jobs that the labs made in this namespace, and with them their '
                   'Pods.\n'
                   "What someone else made is kept, also under a lab's name.\n"
                   '\n'
                   'Examples:\n'
                   '  # Delete the Jobs of lab 4\n'
                   '  kubectl joblab clean retry\n'
                   '  \n'
                   '  # Delete the Jobs of all labs\n'
                   '  kubectl joblab clean --all\n'
                   '\n'
                   'Options:\n'
                   '    --all=false:\n'
                   '\tDelete the Jobs of all labs.\n'
                   '\n'
                   'Usage:\n'
                   '  kubectl joblab clean [LAB] [options]\n'
                   '\n'
                   'Use "kubectl joblab options" for the kubectl flags that apply to all '
                   'commands.\n'},
 'completion': {'summary': 'Have the words of joblab completed on TAB',
                'commands': ('bash', 'fish', 'install', 'uninstall', 'zsh'),
                'arguments': (),
                'flags': (),
                'lab_flags': False,
                'page': 'Have words completed: commands, labs, flags and their values, and names '
                        'of the\n'
                        'cluster.\n'
                        'install is for kubectl joblab; the scripts are for kubectl-joblab, '
                        'called\n'
                        'directly.\n'
                        '\n'
                        'Examples:\n'
                        '  # Complete kubectl joblab, where kubectl completes its own words\n'
                        '  kubectl joblab completion install\n'
                        '\n'
                        'Available Commands:\n'
                        '  bash        Print the script for bash\n'
                        '  fish        Print the script for fish\n'
                        '  install     Have kubectl complete the words of joblab\n'
                        '  uninstall   Undo install\n'
                        '  zsh         Print the script for zsh\n'
                        '\n'
                        'Usage:\n'
                        '  kubectl joblab completion [flags] [options]\n'
                        '\n'
                        'Use "kubectl joblab completion <command> --help" for more information '
                        'about a command.\n'
                        'Use "kubectl joblab options" for the kubectl flags that apply to all '
                        'commands.\n'},
 'completion bash': {'summary': 'Print the script for bash',
                     'commands': (),
                     'arguments': (),
                     'flags': (),
                     'lab_flags': False,
                     'page': 'Print the script by which bash completes the words of '
                             'kubectl-joblab.\n'
                             '\n'
                             'Examples:\n'
                             '  # Load it into this bash\n'
                             '  source <(kubectl joblab completion bash)\n'
                             '\n'
                             'Usage:\n'
                             '  kubectl joblab completion bash [options]\n'
                             '\n'
                             'Use "kubectl joblab options" for the kubectl flags that apply to '
                             'all commands.\n'},
 'completion fish': {'summary': 'Print the script for fish',
                     'commands': (),
                     'arguments': (),
                     'flags': (),
                     'lab_flags': False,
                     'page': 'Print the script by which fish completes the words of '
                             'kubectl-joblab.\n'
                             '\n'
                             'Examples:\n'
                             '  # Load it into this fish\n'
                             '  kubectl joblab completion fish | source\n'
                             '\n'
                             'Usage:\n'
                             '  kubectl joblab completion fish [options]\n'
                             '\n'
                             'Use "kubectl joblab options" for the kubectl flags that apply to '
                             'all commands.\n'},
 'completion install': {'summary': 'Have kubectl complete the words of joblab',
                        'commands': (),
                        'arguments': (),
                        'flags': (),
                        'lab_flags': False,
                        'page': 'Write kubectl_complete-joblab beside this program: kubectl runs '
                                'it to complete\n'
                                'the words after kubectl joblab.\n'
                                "kubectl's own completion has to be loaded: kubectl completion "
                                '--help says how.\n'
                                '\n'
                                'Examples:\n'
                                '  # Write it\n'
                                '  kubectl joblab completion install\n'
                                '\n'
                                'Usage:\n'
                                '  kubectl joblab completion install [options]\n'
                                '\n'
                                'Use "kubectl joblab options" for the kubectl flags that apply '
                                'to all commands.\n'},
 'completion uninstall': {'summary': 'Undo install',
                          'commands': (),
                          'arguments': (),
                          'flags': (),
                          'lab_flags': False,
                          'page': 'Remove the kubectl_complete-joblab that install wrote beside '
                                  'this program.\n'
                                  '\n'
                                  'Examples:\n'
                                  '  # Remove it\n'
                                  '  kubectl joblab completion uninstall\n'
                                  '\n'
                                  'Usage:\n'
                                  '  kubectl joblab completion uninstall [options]\n'
                                  '\n'
                                  'Use "kubectl joblab options" for the kubectl flags that apply '
                                  'to all commands.\n'},
 'completion zsh': {'summary': 'Print the script for zsh',
                    'commands': (),
                    'arguments': (),
                    'flags': (),
                    'lab_flags': False,
                    'page': 'Print the script by which zsh completes the words of '
                            'kubectl-joblab.\n'
                            '\n'
                            'Examples:\n'
                            '  # Load it into this zsh\n'
                            '  source <(kubectl joblab completion zsh)\n'
                            '\n'
                            'Usage:\n'
                            '  kubectl joblab completion zsh [options]\n'
                            '\n'
                            'Use "kubectl joblab options" for the kubectl flags that apply to '
                            'all commands.\n'},
 'describe': {'summary': 'Show details of the Job, and what kubectl describe leaves out',
              'commands': (),
              'arguments': ('lab',),
              'flags': ({'names': ('--variant',),
                         'to': 'variant',
                         'takes': 'text',
                         'help': 'The variant of the lab.',
                         'values': (),
                         'many': False},
                        {'names': ('--name',),
                         'to': 'name',
                         'takes': 'text',
                         'help': "The Job's name, where it is not the lab's.",
                         'values': (),
                         'many': False}),
              'lab_flags': False,
              'page': 'Show details of the Job as kubectl describe does, and below what it '
                      'leaves out.\n'
                      '\n'
                      'Examples:\n'
                      '  # Describe the Job of lab 4\n'
                      '  kubectl joblab describe retry\n'
                      '\n'
                      'Options:\n'
                      "    --variant='':\n"
                      '\tThe variant of the lab.\n'
                      '\n'
                      "    --name='':\n"
                      "\tThe Job's name, where it is not the lab's.\n"
                      '\n'
                      'Usage:\n'
                      '  kubectl joblab describe LAB [options]\n'
                      '\n'
                      'Use "kubectl joblab options" for the kubectl flags that apply to all '
                      'commands.\n'},
 'doctor': {'summary': 'Check that this cluster and user can run the labs',
            'commands': (),
            'arguments': (),
            'flags': ({'names': ('-o', '--output'),
                       'to': 'output',
                       'takes': 'choice',
                       'help': 'One of: json, yaml.',
                       'values': ('json', 'yaml'),
                       'many': False},),
            'lab_flags': False,
            'page': 'Check that this cluster and user can run the labs: context, reachability,\n'
                    'version, permissions, Pod Security, quota.\n'
                    '\n'
                    'Examples:\n'
                    '  # Check the current context\n'
                    '  kubectl joblab doctor\n'
                    '  \n'
                    '  # Check what a user may do in a namespace\n'
                    '  kubectl joblab doctor --as=alice -n labs\n'
                    '\n'
                    'Options:\n'
                    "    -o, --output='':\n"
                    '\tOne of: json, yaml.\n'
                    '\n'
                    'Usage:\n'
                    '  kubectl joblab doctor [options]\n'
                    '\n'
                    'Use "kubectl joblab options" for the kubectl flags that apply to all '
                    'commands.\n'},
 'events': {'summary': 'List events of the Job and its Pods',
            'commands': (),
            'arguments': ('lab',),
            'flags': ({'names': ('--variant',),
                       'to': 'variant',
                       'takes': 'text',
                       'help': 'The variant of the lab.',
                       'values': (),
                       'many': False},
                      {'names': ('--name',),
                       'to': 'name',
                       'takes': 'text',
                       'help': "The Job's name, where it is not the lab's.",
                       'values': (),
                       'many': False},
                      {'names': ('--types',),
                       'to': 'types',
                       'takes': 'text',
                       'help': 'Only events of these types: Normal, Warning.',
                       'values': (),
                       'many': False},
                      {'names': ('--no-headers',),
                       'to': 'no_headers',
                       'takes': '',
                       'help': 'Print no header line.',
                       'values': (),
                       'many': False}),
            'lab_flags': False,
            'page': 'List the events of the Job and of its Pods, by their uids: kubectl events '
                    '--for\n'
                    'goes by name and mixes in those of earlier Jobs.\n'
                    '\n'
                    'Examples:\n'
                    '  # What happened to the Job of lab 4\n'
                    '  kubectl joblab events retry\n'
                    '  \n'
                    '  # Only what went wrong\n'
                    '  kubectl joblab events retry --types=Warning\n'
                    '\n'
                    'Options:\n'
                    "    --variant='':\n"
                    '\tThe variant of the lab.\n'
                    '\n'
                    "    --name='':\n"
                    "\tThe Job's name, where it is not the lab's.\n"
                    '\n'
                    "    --types='':\n"
                    '\tOnly events of these types: Normal, Warning.\n'
                    '\n'
                    '    --no-headers=false:\n'
                    '\tPrint no header line.\n'
                    '\n'
                    'Usage:\n'
                    '  kubectl joblab events LAB [options]\n'
                    '\n'
                    'Use "kubectl joblab options" for the kubectl flags that apply to all '
                    'commands.\n'},
 'hint': {'summary': 'Give the next hint',
          'commands': (),
          'arguments': ('lab',),
          'flags': ({'names': ('--variant',),
                     'to': 'variant',
                     'takes': 'text',
                     'help': 'The variant of the lab.',
                     'values': (),
                     'many': False},
                    {'names': ('--name',),
                     'to': 'name',
                     'takes': 'text',
                     'help': "The Job's name, where it is not the lab's.",
                     'values': (),
                     'many': False}),
          'lab_flags': False,
          'page': 'Give the next hint: the one that fits what the cluster shows, a stage '
                  'further\n'
                  'each time.\n'
                  '\n'
                  'Examples:\n'
                  '  # A hint for lab 6\n'
                  '  kubectl joblab hint parallelism\n'
                  '\n'
                  'Options:\n'
                  "    --variant='':\n"
                  '\tThe variant of the lab.\n'
                  '\n'
                  "    --name='':\n"
                  "\tThe Job's name, where it is not the lab's.\n"
                  '\n'
                  'Usage:\n'
                  '  kubectl joblab hint LAB [options]\n'
                  '\n'
                  'Use "kubectl joblab options" for the kubectl flags that apply to all '
                  'commands.\n'},
 'lab': {'summary': 'Lint and test lab definitions',
         'commands': ('lint', 'schema', 'test'),
         'arguments': (),
         'flags': (),
         'lab_flags': False,
         'page': 'Lint and test lab definitions.\n'
                 '\n'
                 'Examples:\n'
                 '  # Check a lab of your own\n'
                 '  kubectl joblab lab lint my-labs/07-mine\n'
                 '  \n'
                 '  # Prove it against a cluster\n'
                 '  kubectl joblab lab test mine --lab-path=my-labs\n'
                 '\n'
                 'Available Commands:\n'
                 '  lint        Check lab definitions against the format\n'
                 '  schema      Print the JSON Schema of lab.yaml\n'
                 '  test        Prove a lab against a cluster\n'
                 '\n'
                 'Usage:\n'
                 '  kubectl joblab lab [flags] [options]\n'
                 '\n'
                 'Use "kubectl joblab lab <command> --help" for more information about a '
                 'command.\n'
                 'Use "kubectl joblab options" for the kubectl flags that apply to all '
                 'commands.\n'},
 'lab lint': {'summary': 'Check lab definitions against the format',
              'commands': (),
              'arguments': ('directory',),
              'flags': (),
              'lab_flags': False,
              'page': 'Check lab definitions: those in DIR, else all that are found.\n'
                      '\n'
                      'Examples:\n'
                      '  # Check a folder of labs\n'
                      '  kubectl joblab lab lint my-labs\n'
                      '\n'
                      'Usage:\n'
                      '  kubectl joblab lab lint [DIR] [options]\n'
                      '\n'
                      'Use "kubectl joblab options" for the kubectl flags that apply to all '
                      'commands.\n'},
 'lab schema': {'summary': 'Print the JSON Schema of lab.yaml',
                'commands': (),
                'arguments': (),
                'flags': (),
                'lab_flags': False,
                'page': 'Print the JSON Schema of lab.yaml.\n'
                        '\n'
                        'Examples:\n'
                        '  # Keep it for an editor\n'
                        '  kubectl joblab lab schema > lab.schema.json\n'
                        '\n'
                        'Usage:\n'
                        '  kubectl joblab lab schema [options]\n'
                        '\n'
                        'Use "kubectl joblab options" for the kubectl flags that apply to all '
                        'commands.\n'},
 'lab test': {'summary': 'Prove a lab against a cluster',
              'commands': (),
              'arguments': ('lab',),
              'flags': (),
              'lab_flags': False,
              'page': 'Prove a lab against a cluster: every solution passes every check, the '
                      'untouched\n'
                      'starter is refused, and each cheat fails on exactly the check it names.\n'
                      '\n'
                      'Examples:\n'
                      '  # Prove lab 6 in the namespace labs\n'
                      '  kubectl joblab lab test parallelism -n labs\n'
                      '\n'
                      'Usage:\n'
                      '  kubectl joblab lab test LAB [options]\n'
                      '\n'
                      'Use "kubectl joblab options" for the kubectl flags that apply to all '
                      'commands.\n'},
 'list': {'summary': 'List the labs and your result in each',
          'commands': (),
          'arguments': (),
          'flags': ({'names': ('--client',),
                     'to': 'client',
                     'takes': '',
                     'help': 'Ask no cluster: only what labs there are.',
                     'values': (),
                     'many': False},
                    {'names': ('--no-headers',),
                     'to': 'no_headers',
                     'takes': '',
                     'help': 'Print no header line.',
                     'values': (),
                     'many': False},
                    {'names': ('-o', '--output'),
                     'to': 'output',
                     'takes': 'choice',
                     'help': 'One of: wide, json, yaml, name.',
                     'values': ('wide', 'json', 'yaml', 'name'),
                     'many': False}),
          'lab_flags': False,
          'page': 'List the labs, and where you stand with each in this namespace.\n'
                  '\n'
                  'Examples:\n'
                  '  # List the labs and your results\n'
                  '  kubectl joblab list\n'
                  '  \n'
                  '  # List the labs without asking a cluster\n'
                  '  kubectl joblab list --client\n'
                  '\n'
                  'Options:\n'
                  '    --client=false:\n'
                  '\tAsk no cluster: only what labs there are.\n'
                  '\n'
                  '    --no-headers=false:\n'
                  '\tPrint no header line.\n'
                  '\n'
                  "    -o, --output='':\n"
                  '\tOne of: wide, json, yaml, name.\n'
                  '\n'
                  'Usage:\n'
                  '  kubectl joblab list [options]\n'
                  '\n'
                  'Use "kubectl joblab options" for the kubectl flags that apply to all '
                  'commands.\n'},
 'logs': {'summary': 'Print the logs of all Pods and tries of the Job',
          'commands': (),
          'arguments': ('lab',),
          'flags': ({'names': ('--variant',),
                     'to': 'variant',
                     'takes': 'text',
                     'help': 'The variant of the lab.',
                     'values': (),
                     'many': False},
                    {'names': ('--name',),
                     'to': 'name',
                     'takes': 'text',
                     'help': "The Job's name, where it is not the lab's.",
                     'values': (),
                     'many': False},
                    {'names': ('-f', '--follow'),
                     'to': 'follow',
                     'takes': '',
                     'help': 'Go on until the Job is finished.',
                     'values': (),
                     'many': False},
                    {'names': ('--tail',),
                     'to': 'tail',
                     'takes': 'integer',
                     'help': 'Lines of each log; -1: all.',
                     'values': (),
                     'many': False},
                    {'names': ('--timestamps',),
                     'to': 'timestamps',
                     'takes': '',
                     'help': 'Print when each line was written.',
                     'values': (),
                     'many': False},
                    {'names': ('-p', '--previous'),
                     'to': 'previous',
                     'takes': '',
                     'help': 'Only tries before the last of each Pod.',
                     'values': (),
                     'many': False}),
          'lab_flags': False,
          'page': 'Print the logs of all Pods of the Job, and of all tries, each line with its '
                  'Pod.\n'
                  'What start saved of a Pod that is deleted is printed too.\n'
                  '\n'
                  'Examples:\n'
                  '  # The logs of lab 4\n'
                  '  kubectl joblab logs retry\n'
                  '  \n'
                  '  # The last line of each try\n'
                  '  kubectl joblab logs retry --tail=1\n'
                  '  \n'
                  '  # Follow them until the Job is finished\n'
                  '  kubectl joblab logs parallelism -f\n'
                  '\n'
                  'Options:\n'
                  "    --variant='':\n"
                  '\tThe variant of the lab.\n'
                  '\n'
                  "    --name='':\n"
                  "\tThe Job's name, where it is not the lab's.\n"
                  '\n'
                  '    -f, --follow=false:\n'
                  '\tGo on until the Job is finished.\n'
                  '\n'
                  '    --tail=-1:\n'
                  '\tLines of each log; -1: all.\n'
                  '\n'
                  '    --timestamps=false:\n'
                  '\tPrint when each line was written.\n'
                  '\n'
                  '    -p, --previous=false:\n'
                  '\tOnly tries before the last of each Pod.\n'
                  '\n'
                  'Usage:\n'
                  '  kubectl joblab logs LAB [options]\n'
                  '\n'
                  'Use "kubectl joblab options" for the kubectl flags that apply to all '
                  'commands.\n'},
 'options': {'summary': 'List the flags that apply to all commands',
             'commands': (),
             'arguments': (),
             'flags': (),
             'lab_flags': False,
             'page': 'List the flags that apply to all commands.\n'
                     '\n'
                     'Examples:\n'
                     '  # List them\n'
                     '  kubectl joblab options\n'
                     '\n'
                     'Usage:\n'
                     '  kubectl joblab options [options]\n'
                     '\n'
                     'Use "kubectl joblab options" for the kubectl flags that apply to all '
                     'commands.\n'},
 'practice': {'summary': 'Start and stop a cluster to practise on',
              'commands': ('down', 'logs', 'reset', 'status', 'up'),
              'arguments': (),
              'flags': (),
              'lab_flags': False,
              'page': 'Start and stop a cluster to practise on: a Kubernetes API with real Jobs, '
                      'whose\n'
                      'Pods are processes of this machine. It needs neither root nor '
                      'containers.\n'
                      '\n'
                      'Examples:\n'
                      '  # Start it, and look at it with kubectl\n'
                      '  kubectl joblab practice up\n'
                      '  kubectl get nodes\n'
                      '  \n'
                      '  # Stop it, and give the kubeconfig back\n'
                      '  kubectl joblab practice down\n'
                      '\n'
                      'Available Commands:\n'
                      '  down        Stop it and all its Pods; keep its objects\n'
                      '  logs        Print the log of its server\n'
                      '  reset       Delete all its objects and start anew\n'
                      '  status      Show whether it runs\n'
                      '  up          Start it and make it the current context\n'
                      '\n'
                      'Usage:\n'
                      '  kubectl joblab practice [flags] [options]\n'
                      '\n'
                      'Use "kubectl joblab practice <command> --help" for more information about '
                      'a command.\n'
                      'Use "kubectl joblab options" for the kubectl flags that apply to all '
                      'commands.\n'},
 'practice down': {'summary': 'Stop it and all its Pods; keep its objects',
                   'commands': (),
                   'arguments': (),
                   'flags': ({'names': ('--wipe',),
                              'to': 'wipe',
                              'takes': '',
                              'help': 'Delete its objects, credentials and logs too.',
                              'values': (),
                              'many': False},),
                   'lab_flags': False,
                   'page': 'Stop the practice cluster and all its Pods, and give the kubeconfig '
                           'back.\n'
                           'Its objects are kept for the next time.\n'
                           '\n'
                           'Examples:\n'
                           '  # Stop it\n'
                           '  kubectl joblab practice down\n'
                           '  \n'
                           '  # Stop it and delete all it has kept\n'
                           '  kubectl joblab practice down --wipe\n'
                           '\n'
                           'Options:\n'
                           '    --wipe=false:\n'
                           '\tDelete its objects, credentials and logs too.\n'
                           '\n'
                           'Usage:\n'
                           '  kubectl joblab practice down [options]\n'
                           '\n'
                           'Use "kubectl joblab options" for the kubectl flags that apply to all '
                           'commands.\n'},
 'practice logs': {'summary': 'Print the log of its server',
                   'commands': (),
                   'arguments': (),
                   'flags': ({'names': ('-f', '--follow'),
                              'to': 'follow',
                              'takes': '',
                              'help': 'Go on with what is logged later.',
                              'values': (),
                              'many': False},),
                   'lab_flags': False,
                   'page': "Print the log of the practice cluster's server.\n"
                           '\n'
                           'Examples:\n'
                           '  # See why it does not start\n'
                           '  kubectl joblab practice logs\n'
                           '  \n'
                           '  # See what it does\n'
                           '  kubectl joblab practice logs -f\n'
                           '\n'
                           'Options:\n'
                           '    -f, --follow=false:\n'
                           '\tGo on with what is logged later.\n'
                           '\n'
                           'Usage:\n'
                           '  kubectl joblab practice logs [options]\n'
                           '\n'
                           'Use "kubectl joblab options" for the kubectl flags that apply to all '
                           'commands.\n'},
 'practice reset': {'summary': 'Delete all its objects and start anew',
                    'commands': (),
                    'arguments': (),
                    'flags': (),
                    'lab_flags': False,
                    'page': 'Delete all objects of the practice cluster and start it anew.\n'
                            'Its credentials and its place in the kubeconfig stay.\n'
                            '\n'
                            'Examples:\n'
                            '  # Begin anew\n'
                            '  kubectl joblab practice reset\n'
                            '\n'
                            'Usage:\n'
                            '  kubectl joblab practice reset [options]\n'
                            '\n'
                            'Use "kubectl joblab options" for the kubectl flags that apply to '
                            'all commands.\n'},
 'practice status': {'summary': 'Show whether it runs',
                     'commands': (),
                     'arguments': (),
                     'flags': (),
                     'lab_flags': False,
                     'page': 'Show whether the practice cluster runs, and where.\n'
                             'Exit status: 0 it runs, 3 it does not.\n'
                             '\n'
                             'Examples:\n'
                             '  # Look whether it runs\n'
                             '  kubectl joblab practice status\n'
                             '\n'
                             'Usage:\n'
                             '  kubectl joblab practice status [options]\n'
                             '\n'
                             'Use "kubectl joblab options" for the kubectl flags that apply to '
                             'all commands.\n'},
 'practice up': {'summary': 'Start it and make it the current context',
                 'commands': (),
                 'arguments': (),
                 'flags': ({'names': ('--no-switch',),
                            'to': 'no_switch',
                            'takes': '',
                            'help': 'Do not make it the current context.',
                            'values': (),
                            'many': False},),
                 'lab_flags': False,
                 'page': 'Start the practice cluster in the background and make it the current '
                         'context.\n'
                         'Its Pods are processes of this machine with your own rights.\n'
                         '\n'
                         'Examples:\n'
                         '  # Start it\n'
                         '  kubectl joblab practice up\n'
                         '  \n'
                         '  # Leave the current context as it is\n'
                         '  kubectl joblab practice up --no-switch\n'
                         '\n'
                         'Options:\n'
                         '    --no-switch=false:\n'
                         '\tDo not make it the current context.\n'
                         '\n'
                         'Usage:\n'
                         '  kubectl joblab practice up [options]\n'
                         '\n'
                         'Use "kubectl joblab options" for the kubectl flags that apply to all '
                         'commands.\n'},
 'scaffold': {'summary': 'Write the manifest of a lab, with comments',
              'commands': (),
              'arguments': ('lab',),
              'flags': ({'names': ('--variant',),
                         'to': 'variant',
                         'takes': 'text',
                         'help': 'The variant of the lab to write.',
                         'values': (),
                         'many': False},
                        {'names': ('--name',),
                         'to': 'name',
                         'takes': 'text',
                         'help': 'Another name for the Job.',
                         'values': (),
                         'many': False},
                        {'names': ('-d', '--directory'),
                         'to': 'directory',
                         'takes': 'text',
                         'help': 'Where to write; - prints to stdout.',
                         'values': (),
                         'many': False},
                        {'names': ('--force',),
                         'to': 'force',
                         'takes': '',
                         'help': 'Overwrite a file that is there.',
                         'values': (),
                         'many': False}),
              'lab_flags': True,
              'page': "Write a lab's manifest into NN-name/, with a comment at each field.\n"
                      "The lab's flags change its values.\n"
                      '\n'
                      'Examples:\n'
                      '  # Write 04-retry/job-retry.yaml\n'
                      '  kubectl joblab scaffold retry\n'
                      '  \n'
                      '  # Print it with other values\n'
                      '  kubectl joblab scaffold 6 --parallelism=2 --name=lanes -d -\n'
                      '\n'
                      'Options:\n'
                      "    --variant='':\n"
                      '\tThe variant of the lab to write.\n'
                      '\n'
                      "    --name='':\n"
                      '\tAnother name for the Job.\n'
                      '\n'
                      "    -d, --directory='':\n"
                      '\tWhere to write; - prints to stdout.\n'
                      '\n'
                      '    --force=false:\n'
                      '\tOverwrite a file that is there.\n'
                      '\n'
                      'Usage:\n'
                      '  kubectl joblab scaffold LAB [options]\n'
                      '\n'
                      'Use "kubectl joblab options" for the kubectl flags that apply to all '
                      'commands.\n'},
 'show': {'summary': 'Show a lab: goal, tasks, what to observe, commands to try',
          'commands': (),
          'arguments': ('lab',),
          'flags': ({'names': ('--debrief',),
                     'to': 'debrief',
                     'takes': '',
                     'help': 'Show why it behaves so; best read afterwards.',
                     'values': (),
                     'many': False},),
          'lab_flags': True,
          'page': 'Show a lab: its goal, its tasks, what to observe, and kubectl commands to '
                  'try.\n'
                  '\n'
                  'Examples:\n'
                  '  # Show lab 4\n'
                  '  kubectl joblab show retry\n'
                  '  \n'
                  '  # Show it in Korean, with why it behaves so\n'
                  '  kubectl joblab show 4 --lang=ko --debrief\n'
                  '\n'
                  'Options:\n'
                  '    --debrief=false:\n'
                  '\tShow why it behaves so; best read afterwards.\n'
                  '\n'
                  'Usage:\n'
                  '  kubectl joblab show LAB [options]\n'
                  '\n'
                  'Use "kubectl joblab options" for the kubectl flags that apply to all '
                  'commands.\n'},
 'start': {'summary': 'Create the Job of a lab, follow it, check it',
           'commands': (),
           'arguments': ('lab',),
           'flags': ({'names': ('--variant',),
                      'to': 'variant',
                      'takes': 'text',
                      'help': 'The variant of the lab to run.',
                      'values': (),
                      'many': False},
                     {'names': ('--name',),
                      'to': 'name',
                      'takes': 'text',
                      'help': 'Another name for the Job.',
                      'values': (),
                      'many': False},
                     {'names': ('-f', '--filename'),
                      'to': 'file',
                      'takes': 'text',
                      'help': 'Run this manifest; - for stdin.',
                      'values': (),
                      'many': False},
                     {'names': ('--no-wait',),
                      'to': 'no_wait',
                      'takes': '',
                      'help': 'Create the Job and do not follow it.',
                      'values': (),
                      'many': False},
                     {'names': ('--timeout',),
                      'to': 'timeout',
                      'takes': 'duration',
                      'help': 'Stop following after this time, such as 2m.',
                      'values': (),
                      'many': False},
                     {'names': ('--dry-run',),
                      'to': 'dry_run',
                      'takes': 'choice',
                      'help': 'Create nothing: print it (client), or have the server check it '
                              '(server).',
                      'values': ('none', 'client', 'server'),
                      'many': False},
                     {'names': ('-o', '--output'),
                      'to': 'output',
                      'takes': 'choice',
                      'help': 'One of: wide, json, yaml, name, junit.',
                      'values': ('wide', 'json', 'yaml', 'name', 'junit'),
                      'many': False}),
           'lab_flags': True,
           'page': 'Create the Job of a lab, follow it until it is finished, and check it.\n'
                   'The Job of an earlier, finished run is replaced; one that runs is joined.\n'
                   '\n'
                   'Examples:\n'
                   '  # Run lab 6 and watch its Pods\n'
                   '  kubectl joblab start parallelism\n'
                   '  \n'
                   '  # Two Pods at a time instead of three\n'
                   '  kubectl joblab start 6 --parallelism=2\n'
                   '  \n'
                   '  # Run your own manifest\n'
                   '  kubectl joblab start yaml -f 03-yaml/job.yaml\n'
                   '  \n'
                   '  # See what would be created\n'
                   '  kubectl joblab start retry --dry-run=client -o yaml\n'
                   '\n'
                   'Options:\n'
                   "    --variant='':\n"
                   '\tThe variant of the lab to run.\n'
                   '\n'
                   "    --name='':\n"
                   '\tAnother name for the Job.\n'
                   '\n'
                   "    -f, --filename='':\n"
                   '\tRun this manifest; - for stdin.\n'
                   '\n'
                   '    --no-wait=false:\n'
                   '\tCreate the Job and do not follow it.\n'
                   '\n'
                   "    --timeout='':\n"
                   '\tStop following after this time, such as 2m.\n'
                   '\n'
                   "    --dry-run='none':\n"
                   '\tCreate nothing: print it (client), or have the server check it (server).\n'
                   '\n'
                   "    -o, --output='':\n"
                   '\tOne of: wide, json, yaml, name, junit.\n'
                   '\n'
                   'Usage:\n'
                   '  kubectl joblab start LAB [options]\n'
                   '\n'
                   'Use "kubectl joblab options" for the kubectl flags that apply to all '
                   'commands.\n'},
 'status': {'summary': 'Show the Job and its Pods',
            'commands': (),
            'arguments': ('lab',),
            'flags': ({'names': ('--variant',),
                       'to': 'variant',
                       'takes': 'text',
                       'help': 'The variant of the lab.',
                       'values': (),
                       'many': False},
                      {'names': ('--name',),
                       'to': 'name',
                       'takes': 'text',
                       'help': "The Job's name, where it is not the lab's.",
                       'values': (),
                       'many': False},
                      {'names': ('--no-headers',),
                       'to': 'no_headers',
                       'takes': '',
                       'help': 'Print no header lines.',
                       'values': (),
                       'many': False},
                      {'names': ('-o', '--output'),
                       'to': 'output',
                       'takes': 'choice',
                       'help': 'One of: wide, json, yaml, name.',
                       'values': ('wide', 'json', 'yaml', 'name'),
                       'many': False}),
            'lab_flags': False,
            'page': 'Show the Job and its Pods as kubectl get does, and below what it leaves '
                    'out.\n'
                    '\n'
                    'Examples:\n'
                    '  # Show where lab 4 stands\n'
                    '  kubectl joblab status retry\n'
                    '  \n'
                    '  # Job and Pods as one List\n'
                    '  kubectl joblab status retry -o yaml\n'
                    '\n'
                    'Options:\n'
                    "    --variant='':\n"
                    '\tThe variant of the lab.\n'
                    '\n'
                    "    --name='':\n"
                    "\tThe Job's name, where it is not the lab's.\n"
                    '\n'
                    '    --no-headers=false:\n'
                    '\tPrint no header lines.\n'
                    '\n'
                    "    -o, --output='':\n"
                    '\tOne of: wide, json, yaml, name.\n'
                    '\n'
                    'Usage:\n'
                    '  kubectl joblab status LAB [options]\n'
                    '\n'
                    'Use "kubectl joblab options" for the kubectl flags that apply to all '
                    'commands.\n'},
 'version': {'summary': 'Print the version information',
             'commands': (),
             'arguments': (),
             'flags': ({'names': ('--client',),
                        'to': 'client',
                        'takes': '',
                        'help': 'Ask no cluster.',
                        'values': (),
                        'many': False},
                       {'names': ('-o', '--output'),
                        'to': 'output',
                        'takes': 'choice',
                        'help': 'One of: json, yaml.',
                        'values': ('json', 'yaml'),
                        'many': False}),
             'lab_flags': False,
             'page': 'Print the version of joblab and of the API server.\n'
                     '\n'
                     'Examples:\n'
                     '  # Both versions\n'
                     '  kubectl joblab version\n'
                     '  \n'
                     "  # Only joblab's, without a cluster\n"
                     '  kubectl joblab version --client\n'
                     '\n'
                     'Options:\n'
                     '    --client=false:\n'
                     '\tAsk no cluster.\n'
                     '\n'
                     "    -o, --output='':\n"
                     '\tOne of: json, yaml.\n'
                     '\n'
                     'Usage:\n'
                     '  kubectl joblab version [options]\n'
                     '\n'
                     'Use "kubectl joblab options" for the kubectl flags that apply to all '
                     'commands.\n'}}
OPTIONS: tuple[Flag, ...] = ({'names': ('-n', '--namespace'),
  'to': 'namespace',
  'takes': 'text',
  'help': 'If present, the namespace scope for this CLI request',
  'values': (),
  'many': False},
 {'names': ('--kubeconfig',),
  'to': 'kubeconfig',
  'takes': 'text',
  'help': 'Path to the kubeconfig file to use for CLI requests.',
  'values': (),
  'many': False},
 {'names': ('--context',),
  'to': 'context',
  'takes': 'text',
  'help': 'The name of the kubeconfig context to use',
  'values': (),
  'many': False},
 {'names': ('--cluster',),
  'to': 'cluster',
  'takes': 'text',
  'help': 'The name of the kubeconfig cluster to use',
  'values': (),
  'many': False},
 {'names': ('--user',),
  'to': 'user',
  'takes': 'text',
  'help': 'The name of the kubeconfig user to use',
  'values': (),
  'many': False},
 {'names': ('-s', '--server'),
  'to': 'server',
  'takes': 'text',
  'help': 'The address and port of the Kubernetes API server',
  'values': (),
  'many': False},
 {'names': ('--token',),
  'to': 'token',
  'takes': 'text',
  'help': 'Bearer token for authentication to the API server',
  'values': (),
  'many': False},
 {'names': ('--as',),
  'to': 'as_user',
  'takes': 'text',
  'help': 'Username to impersonate for the operation.',
  'values': (),
  'many': False},
 {'names': ('--as-uid',),
  'to': 'as_uid',
  'takes': 'text',
  'help': 'UID to impersonate for the operation.',
  'values': (),
  'many': False},
 {'names': ('--as-group',),
  'to': 'as_groups',
  'takes': 'text',
  'help': 'Group to impersonate for the operation, this flag can be repeated.',
  'values': (),
  'many': True},
 {'names': ('--certificate-authority',),
  'to': 'certificate_authority',
  'takes': 'text',
  'help': 'Path to a cert file for the certificate authority',
  'values': (),
  'many': False},
 {'names': ('--client-certificate',),
  'to': 'client_certificate',
  'takes': 'text',
  'help': 'Path to a client certificate file for TLS',
  'values': (),
  'many': False},
 {'names': ('--client-key',),
  'to': 'client_key',
  'takes': 'text',
  'help': 'Path to a client key file for TLS',
  'values': (),
  'many': False},
 {'names': ('--insecure-skip-tls-verify',),
  'to': 'insecure_skip_tls_verify',
  'takes': '',
  'help': "If true, the server's certificate will not be checked for validity.",
  'values': (),
  'many': False},
 {'names': ('--tls-server-name',),
  'to': 'tls_server_name',
  'takes': 'text',
  'help': 'Server name to use for server certificate validation.',
  'values': (),
  'many': False},
 {'names': ('--request-timeout',),
  'to': 'request_timeout',
  'takes': 'duration',
  'help': 'The length of time to wait before giving up on a single server request.',
  'values': (),
  'many': False},
 {'names': ('--lab-path',),
  'to': 'lab_path',
  'takes': 'text',
  'help': 'A folder with labs of your own, beside those of joblab (or JOBLAB_PATH).',
  'values': (),
  'many': False},
 {'names': ('--plain',),
  'to': 'plain',
  'takes': '',
  'help': 'Print for a screen reader: no colour, no drawing, nothing redrawn.',
  'values': (),
  'many': False},
 {'names': ('--lang',),
  'to': 'lang',
  'takes': 'choice',
  'help': "The language of labs and messages; else the locale's.",
  'values': ('en', 'ko'),
  'many': False})
