# locust -f locustfile.py --host http://127.0.0.1:3000/webhook   (pip install 'hookassay[load]')
# More machines: locust … --master, and locust … --worker --master-host HOST on each.
from hookassay.conformance.fuzz.locust import vendor_user

Gitple = vendor_user("gitple", scenario="chat-refund", fuzz_share=0.1, forged_share=0.05)
